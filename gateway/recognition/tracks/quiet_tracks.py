"""Tracks that have gone quiet before anybody knew who they are: named in the background.

What a track has shown waits in the record, so that it is named even if gateway or shard start anew
before, or the shard is away for long.
"""

import itertools
import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from contract.deadline import Deadline
from contract.errors import ModelMismatch, ShardRefused
from contract.messages.by_kind import ByKind
from contract.messages.face import Box
from contract.messages.recognition import RecognizedFace
from contract.stores.store_map import Store, StoreMap
from gateway.chain.face_vectors import FaceVectors
from gateway.chain.shards import Shards
from gateway.clock.clock import Clock, now
from gateway.periodic import for_each
from gateway.recognition.false_rates import FalseRates
from gateway.recognition.identity import minted_face
from gateway.record.database import Database
from gateway.record.visits.frame import Frame
from gateway.record.visits.naming import give_up_pending_visit, name_pending_visit
from gateway.record.visits.pending_visits import DueVisit, stores_with_due_visits, take_due_visits

log = logging.getLogger(__name__)

_AT_ONCE = 50
_SECONDS = 5.0
"""How long a store may take to name that many."""
_AGAIN_MS = 10_000
"""Milliseconds after which a track is tried again that could not be named; and for which no other
gateway tries."""
_STRANGER = RecognizedFace(box=Box(top=0, right=0, bottom=0, left=0), match="unknown")
"""Whoever the track shows: where in the picture is not known any more."""


@dataclass(frozen=True)
class QuietTracks:
    """Has tracks named by the replicas that write for their stores."""

    database: Database
    shards: Shards
    false_rates: FalseRates
    current: Callable[[], StoreMap]
    clock: Clock = now

    async def step(self) -> None:
        """Name some tracks of each store; those of one that does not answer wait."""
        stores = self.current()
        due = await self.database.read(None, stores_with_due_visits, self.clock())
        reachable = [
            store
            for store in stores.stores.values()
            if store.id in due and self._can_be_asked(store)
        ]
        await for_each(reachable, partial(self._name, stores), "tracks cannot be named")

    def _can_be_asked(self, store: Store) -> bool:
        """Say whether the store's shard is there, and knows who was erased."""
        return self.shards.may_write(store) and store.id not in self.shards.stale_stores

    async def _name(self, stores: StoreMap, store: Store) -> None:
        started = self.clock()
        due = await self.database.write(
            None,
            take_due_visits,
            store.id,
            now=started,
            again_at=started + _AGAIN_MS,
            limit=_AT_ONCE,
        )
        rates = self.false_rates.split_in_chain(stores, store).home
        frame = Frame(store.id, store.timezone, store.visit_gap, at=started, now=started)
        for (model, provisional), visits in _alike(due):
            try:
                await self._mint(store, frame, visits, model, provisional=provisional, rates=rates)
            except ShardRefused as error:
                if error.code != ModelMismatch.code:
                    raise
                log.warning("%d tracks of %s stay nameless: %s", len(visits), store.id, error)
                await self._give_up(frame, visits)

    async def _mint(
        self,
        store: Store,
        frame: Frame,
        visits: Sequence[DueVisit],
        model: str,
        *,
        provisional: bool,
        rates: ByKind[float],
    ) -> None:
        """Give visits FaceIds of their store. Raises ShardError."""
        packed = b"".join(visit.pending.vector for visit in visits)
        vectors = FaceVectors(packed, [visit.pending.frames for visit in visits], model)
        minted = await self.shards.mint(
            store, vectors, provisional=provisional, rates=rates, deadline=Deadline(_SECONDS)
        )
        for visit, named in zip(visits, minted.faces, strict=True):
            face = minted_face(_STRANGER, named, store.id)
            await self.database.write(None, name_pending_visit, frame, visit.visit, face)

    async def _give_up(self, frame: Frame, visits: Iterable[DueVisit]) -> None:
        for visit in visits:
            await self.database.write(None, give_up_pending_visit, frame, visit.visit)


def _alike(due: Sequence[DueVisit]) -> list[tuple[tuple[str, bool], list[DueVisit]]]:
    """Return the visits that one request can name: of one model, and all provisional or none."""

    def kind(visit: DueVisit) -> tuple[str, bool]:
        return visit.pending.model, visit.pending.provisional

    return [(key, list(visits)) for key, visits in itertools.groupby(sorted(due, key=kind), kind)]
