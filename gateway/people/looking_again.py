"""Looking again at visitors: FaceIds that are one person after all are merged.

Each shard compares its own visitors with each other; where stores let each other search for
visitors, those of one are searched in the others. What is found is decided in the record, one merge
a transaction, and can be undone. Nothing of the vectors is kept here.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import numpy as np

from contract.deadline import Deadline
from contract.errors import (
    AlreadyBound,
    BadVectors,
    Busy,
    NotTheSame,
    ShardError,
    ShardNonsense,
    ShardTimeout,
    StorageError,
)
from contract.messages.looking_again import (
    AlikeVisitors,
    FlaggedVisitor,
    LookReport,
    MergedVisitors,
    VisitorVector,
    VisitorVectors,
)
from contract.messages.members import FaceRef
from contract.stores.daily_hours import DailyHours
from contract.stores.store_map import Store, StoreMap
from contract.vectors import from_text, pack
from gateway.audit.tell import Tell
from gateway.chain.face_vectors import FaceVectors
from gateway.chain.replicas import Replicas
from gateway.chain.shard_request import ShardRequest
from gateway.chain.shards import Shards
from gateway.clock.clock import Clock, now
from gateway.clock.store_clock import time_of_day
from gateway.periodic import for_each
from gateway.recognition.false_rates import FalseRates
from gateway.recognition.fan_out import FanOut, FanOutOptions
from gateway.record.database import Database
from gateway.record.people.alike import merge_alike
from gateway.record.people.face_pair import FacePair
from gateway.shard_updates.shard_updates import ShardUpdates

log = logging.getLogger(__name__)

_SECONDS = 600.0
"""How long one look may take; what it has found and merged by then counts."""
_SEARCH_SECONDS = 5.0
_PAGE = 1000
_AT_ONCE = 50
_CANDIDATES = 3
_APART = 12 * 3_600_000
"""Milliseconds: who was looked at is not looked at again in the same quiet hours."""


class _AlikePair(NamedTuple):
    into: FacePair
    source: FacePair
    score: float


class _Look:
    """What one look has done so far."""

    def __init__(self, stores: Sequence[Store]) -> None:
        self.stores = [store.id for store in stores]
        self.visitors = 0
        self.merged: list[MergedVisitors] = []
        self.kept_apart = 0
        self.flagged: list[FlaggedVisitor] = []
        self.failed: dict[str, str] = {}
        self.deadline = Deadline(_SECONDS)

    @property
    def report(self) -> LookReport:
        return LookReport(
            stores=self.stores,
            visitors=self.visitors,
            merged=self.merged,
            kept_apart=self.kept_apart,
            flagged=self.flagged,
            failed=self.failed,
        )


class LookingAgain:
    """Merges visitors that are one person, in the quiet hours of each store and when asked to."""

    def __init__(
        self,
        database: Database,
        shards: Shards,
        updates: ShardUpdates,
        *,
        fan_out: FanOut,
        replicas: Replicas,
        current: Callable[[], StoreMap],
        tell: Tell,
        quiet_hours: DailyHours | None,
        looked: Callable[[LookReport], None],
        clock: Clock = now,
    ) -> None:
        self._database = database
        self._shards = shards
        self._updates = updates
        self._fan_out = fan_out
        self._false_rates = FalseRates(replicas)
        self._current = current
        self._tell = tell
        self._quiet_hours = quiet_hours
        self._has_looked = looked
        self._clock = clock
        self._looked: dict[str, int] = {}
        self._one_at_a_time = asyncio.Lock()

    async def step(self) -> None:
        """Look again at the stores whose quiet hours it is, once in them."""
        stores = self._current().stores.values()
        await for_each(filter(self._is_due, stores), self._look_at, "visitors are not looked at")

    def _is_due(self, store: Store) -> bool:
        at = self._clock()
        return (
            self._quiet_hours is not None
            and self._quiet_hours.hold(time_of_day(at, store.timezone))
            and at - self._looked.get(store.id, 0) > _APART
        )

    async def _look_at(self, store: Store) -> None:
        report = await self.look([store])
        if report.failed:
            log.warning("visitors of %s are looked at later: %s", store.id, report.failed)
        else:
            self._looked[store.id] = self._clock()

    async def look(self, stores: Sequence[Store]) -> LookReport:
        """Look again at the visitors of these stores now, and return what became of them.

        A store whose shard does not answer is in `failed`, and nothing about it has changed but the
        merges that are listed.
        """
        async with self._one_at_a_time:
            look = _Look(stores)
            for store in stores:
                await self._within(look, store)
            for number, store in enumerate(stores):
                done = {other.id for other in stores[: number + 1]}
                await self._across(look, store, done)
        await self._tell(
            "visitors.look",
            stores=look.stores,
            visitors=look.visitors,
            merged=len(look.merged),
            failed=sorted(look.failed),
        )
        report = look.report
        self._has_looked(report)
        return report

    async def _within(self, look: _Look, store: Store) -> None:
        """Merge visitors of one store."""
        request = ShardRequest("GET", "/visitors/alike")
        try:
            found = await self._shards.write(store, request, AlikeVisitors, look.deadline)
        except ShardError as error:
            look.failed[store.id] = error.reason
            return
        look.visitors += found.visitors
        look.flagged += [
            FlaggedVisitor(store=store.id, face_id=face.face_id, score=face.score)
            for face in found.divided
        ]
        await self._merge(
            look,
            store,
            [
                _AlikePair((store.id, group.face_ids[0]), (store.id, face_id), group.score)
                for group in found.groups
                for face_id in group.face_ids[1:]
            ],
        )

    async def _across(self, look: _Look, store: Store, done: set[str]) -> None:
        """Merge visitors of one store with those of the others, except with those of `done`."""
        others = [
            other
            for other in self._current().stores.values()
            if other.id not in done and other.cross_store == "everyone"
        ]
        if not others or store.cross_store != "everyone" or store.id in look.failed:
            return
        pairs: list[_AlikePair] = []
        after = ""
        try:
            while page := await self._page(look, store, others, after):
                for start in range(0, len(page.faces), _AT_ONCE):
                    faces = page.faces[start : start + _AT_ONCE]
                    pairs += await self._search(look, store, others, page, faces)
                after = page.faces[-1].face_id
        except ShardError as error:
            look.failed[store.id] = error.reason
        await self._merge(look, store, sorted(pairs, key=lambda pair: -pair.score))

    async def _page(
        self, look: _Look, store: Store, others: Sequence[Store], after: str
    ) -> VisitorVectors | None:
        """Return the visitors that follow `after`; None when there are no more."""
        among = self._false_rates.searchable_faces([store, *others])
        query = {"after": after, "limit": _PAGE, "among": among}
        request = ShardRequest("GET", "/visitors/vectors", query=query)
        limit = Deadline(min(_SEARCH_SECONDS, look.deadline.left))
        page = await self._shards.write(store, request, VisitorVectors, limit)
        return page if page.faces else None

    async def _search(
        self,
        look: _Look,
        store: Store,
        others: Sequence[Store],
        page: VisitorVectors,
        faces: Sequence[VisitorVector],
    ) -> list[_AlikePair]:
        """Search some visitors of a page in the other stores; return who is alike there."""
        asked = [other for other in others if other.id not in look.failed]
        rates = self._false_rates.split(store, asked)
        options = FanOutOptions(_CANDIDATES, lambda other: rates.others, rates.templates)
        limit = Deadline(min(_SEARCH_SECONDS, look.deadline.left))
        found = await self._fan_out.search(asked, _vectors_of(page, faces), options, limit)
        look.failed |= found.failed
        return [
            _AlikePair((hit.store, hit.face_id), (store.id, face.face_id), hit.score)
            for face, hits in zip(faces, found.candidates, strict=True)
            for hit in hits
            if hit.kind == "visitor" and not hit.provisional and hit.score >= page.needed
        ]

    async def _merge(self, look: _Look, store: Store, pairs: Iterable[_AlikePair]) -> None:
        """Merge pairs of `store` in their order, and have the shards told."""
        before = len(look.merged)
        try:
            for pair in pairs:
                if not look.deadline.left:
                    raise ShardTimeout()
                started = time.perf_counter()
                await self._merge_pair(look, pair)
                await asyncio.sleep(time.perf_counter() - started)  # frames come in between
            merged = look.merged[before:]
            await self._updates.deliver({merge.source.store for merge in merged})
        except (Busy, ShardTimeout, StorageError) as error:
            log.warning("not all alike visitors of %s are merged: %s", store.id, error.detail)
            look.failed[store.id] = error.code.lower().replace("_", " ")

    async def _merge_pair(self, look: _Look, pair: _AlikePair) -> None:
        try:
            number = await self._database.write(
                None, merge_alike, pair.into, pair.source, self._clock()
            )
        except (NotTheSame, AlreadyBound) as error:
            log.info("%s and %s stay apart: %s", pair.into, pair.source, error.detail)
            look.kept_apart += 1
            return
        if number is not None:
            await self._tell("face.alike", pair.into, pair.source, merge=str(number))
            look.merged.append(_merged(number, pair))


def _vectors_of(page: VisitorVectors, faces: Sequence[VisitorVector]) -> FaceVectors:
    """Return some vectors of a page. Raises ShardNonsense."""
    try:
        rows = np.stack([from_text(face.vector) for face in faces])
    except (BadVectors, ValueError) as error:
        raise ShardNonsense(f"vectors of visitors: {error}") from None
    places = [face.place for face in faces]
    return FaceVectors(pack(rows), [1] * len(faces), page.model, page.cohort, places)


def _merged(number: int, pair: _AlikePair) -> MergedVisitors:
    (into_store, into), (store, source) = pair.into, pair.source
    return MergedVisitors(
        merge=str(number),
        into=FaceRef(store=into_store, face_id=into),
        source=FaceRef(store=store, face_id=source),
        score=pair.score,
    )
