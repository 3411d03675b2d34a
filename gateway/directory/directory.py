"""The directory as the gateway uses it: asked where a search is wide, filled in the background.

Whatever goes wrong with it, all stores are asked, as without one: it may cost time, not an answer.
"""

import asyncio
import logging
import math
import secrets
import time
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Literal, NamedTuple, NoReturn

from contract.deadline import Deadline
from contract.errors import FacegateError, ShardError, StorageUnavailable
from contract.messages.directory.status import DirectoryStatus, DirectoryUse
from contract.stores.store_map import Store, StoreMap
from contract.vectors import unpack
from gateway.chain.face_vectors import FaceVectors
from gateway.chain.replicas import Replicas
from gateway.chain.shards import Shards
from gateway.directory.filling import Filling
from gateway.directory.freshness import Freshness, belongs
from gateway.directory.ranking import stores_worth_asking
from gateway.directory.tables.database import database_at, parsed
from gateway.directory.tables.entries import (
    NEAREST,
    count_faces,
    forget,
    lead,
    nearest,
    read_states,
    total,
)
from gateway.directory.tables.nearest_lists import make_lists
from gateway.record.database import Database

log = logging.getLogger(__name__)

Outcome = Literal["used", "failed"]

FEW = 3
"""Stores that are asked about each face, of those that the directory knows. The first one has the
best entry; others may have to stand in where a shard knows that this is somebody else."""
_MOST_FACES = 16
"""Of one search: to ask for more takes longer than to ask the stores."""
_FOLLOW_SECONDS = 1.0
"""How often is looked what has changed."""
_VERIFY_SECONDS = 60.0
"""Within which time the entries of all stores are counted, and compared with what the shards have:
a few stores each second, for who comes meanwhile would wait for a count of all."""
_GROWN = 1.1
"""When there are so many times as many entries, it is looked at whether lists are wanted."""
_LEAD_SECONDS = 10
"""How long the gateway that fills it may be silent before another one does."""
_AGAIN_SECONDS = 10.0
"""After how long a store is tried again that could not be read."""
_FILLED_AT_ONCE = 4
"""Stores that are read at the same time: while one is stored, the others' shards are at work."""
_REACH_SECONDS = 10.0
"""How long the directory may take to take over an erasure."""


class _Unfilled(NamedTuple):
    """Why a store could not be taken over, and when that is tried again."""

    why: str
    again_at: float


class Directory:
    """A directory in PostgreSQL, which several gateways may share."""

    def __init__(
        self,
        url: str,
        shards: Shards,
        replicas: Replicas,
        *,
        current: Callable[[], StoreMap],
        seconds: float,
        counted: Callable[[Outcome], None] = lambda outcome: None,
    ) -> None:
        """Take what is at a `url`, which may take so many `seconds` for a search.

        `counted` hears of each one. Raises ConfigurationError.
        """
        self._url = url
        parsed(url)
        self._shards = shards
        self._replicas = replicas
        self._current = current
        self._seconds = seconds
        self._counted = counted
        self._filling = Filling(shards)
        self._freshness = Freshness(replicas)
        self._database: Database | None = None
        self._gateway = secrets.token_hex(8)
        self._leads = False
        self._problem: str | None = "it has not been opened yet"
        self._unfilled: dict[str, _Unfilled] = {}

    @property
    def status(self) -> DirectoryStatus:
        """How it is."""
        stores = [store for store in self._current().stores.values() if belongs(store)]
        ages = self._freshness.ages(stores)
        return DirectoryStatus(
            current=len(ages),
            behind=len(stores) - len(ages),
            faces=total(self._freshness.states),
            age_seconds=max(ages.values(), default=None),
            problem=self._problem or next((each.why for each in self._unfilled.values()), None),
        )

    async def choose(
        self, stores: Sequence[Store], vectors: FaceVectors, few: int, deadline: Deadline
    ) -> DirectoryUse | None:
        """Return which of the `stores` need not be asked about faces; None: all are to be asked.

        Stores of the `few` most alike entries of each face are worth asking, and all of which the
        directory does not know everything, or that have other models or other strangers.
        """
        ages = self._known(stores, vectors)
        if self._database is None or len(ages) <= few * vectors.count:
            return None
        try:
            wanted = await self._wanted(self._database, ages, vectors, few, deadline)
        except Exception as error:  # noqa: BLE001 - whatever it is, everybody is asked
            log.info("the directory does not say whom to ask: %s", error)
            self._counted("failed")
            return None
        self._counted("used")
        skipped = sorted(ages.keys() - wanted)
        age = max((ages[store] for store in skipped), default=0.0)
        return DirectoryUse(age_seconds=round(age, 1), skipped=skipped)

    def _known(self, stores: Sequence[Store], vectors: FaceVectors) -> dict[str, float]:
        """Return the ages of the stores that these faces can be compared with here."""
        if vectors.places_text is None or vectors.count > _MOST_FACES:
            return {}
        return self._freshness.comparable_ages(stores, vectors.model, vectors.cohort)

    async def _wanted(
        self,
        database: Database,
        known: Collection[str],
        vectors: FaceVectors,
        few: int,
        deadline: Deadline,
    ) -> set[str]:
        limit = Deadline(min(self._seconds, deadline.left))
        probes = unpack(vectors.packed, len(vectors.packed) // 4 // vectors.count)
        milliseconds = max(1, round(limit.left * 1000))
        found = await database.read(limit, nearest, vectors.model, probes, milliseconds)
        fewest = min(len(neighbors.stores) for neighbors in found)
        if fewest < NEAREST and fewest < self._faces(known):
            raise StorageUnavailable("the directory has lost entries")
        places = [place for place in vectors.places if place is not None]
        return stores_worth_asking(found, places, known, few)

    def _faces(self, stores: Iterable[str]) -> int:
        """Return how many faces it had of some stores when it was last looked at."""
        return sum(self._freshness.states[store].faces for store in stores)

    async def reach(
        self, store: Store, seq: int = 0, seconds: float = _REACH_SECONDS
    ) -> str | None:
        """Take over the changes of a store up to `seq`, now; return why not, if that cannot be."""
        if not belongs(store) and store.id not in self._freshness.states:
            return None
        if self._database is None:
            return f"the directory: {self._problem}"
        try:
            async with asyncio.timeout(seconds):
                if not belongs(store):
                    await self._database.write(None, forget, store.id)
                    return None
                reached = await self._filling.fill(self._database, store)
        except (FacegateError, TimeoutError) as error:
            return f"the directory: {error}"
        return None if reached >= seq else "the directory: it is behind"

    async def run(self) -> NoReturn:
        """Open it and fill it, for ever; what cannot be is tried again."""
        while True:
            database = database_at(self._url)
            try:
                async with database:
                    await self._look(database)
                    self._database, self._problem = database, None
                    log.info("the directory is open")
                    async with asyncio.TaskGroup() as tasks:
                        tasks.create_task(self._follow(database))
                        tasks.create_task(self._fill(database))
            except* FacegateError as group:
                self._fail(group)
            finally:
                self._database, self._leads = None, False
            await asyncio.sleep(_FOLLOW_SECONDS)

    def _fail(self, group: BaseExceptionGroup[FacegateError]) -> None:
        error = group.exceptions[0]
        reason = error.detail if isinstance(error, FacegateError) else str(error)
        if self._problem != reason:
            log.warning("the directory cannot be used: %s", reason)
        self._problem = reason

    async def _follow(self, database: Database) -> NoReturn:
        """Look every second what the directory has, and whether this gateway fills it."""
        while True:
            await asyncio.sleep(_FOLLOW_SECONDS)
            await self._look(database)

    async def _look(self, database: Database) -> None:
        self._leads = await database.write(None, lead, self._gateway, _LEAD_SECONDS)
        states = await database.read(None, read_states)
        self._freshness.update(self._current().stores.values(), states)

    async def _fill(self, database: Database) -> NoReturn:
        """Fill what is behind, where this gateway is the one to do so."""
        verified_at, turn, had = -_FOLLOW_SECONDS, 0, 0
        while True:
            if self._leads:
                stores = {s.id: s for s in self._current().stores.values() if belongs(s)}
                for gone in self._freshness.states.keys() - stores.keys():
                    await database.write(None, forget, gone)
                await self._fill_stores(database, stores.values())
                if time.monotonic() - verified_at >= _FOLLOW_SECONDS:
                    few = _few_of(list(stores.values()), turn)
                    await self._verify(database, few)
                    verified_at, turn = time.monotonic(), turn + len(few)
                has = total(self._freshness.states)
                if has > _GROWN * had:
                    await self._make_lists(database)
                    had = has
            await asyncio.sleep(_FOLLOW_SECONDS / 4)

    async def _make_lists(self, database: Database) -> None:
        for model in await database.write(None, make_lists):
            log.info("the directory has new lists of the vectors of %s", model)

    async def _fill_stores(self, database: Database, stores: Collection[Store]) -> None:
        """Fill what is behind; a store that cannot be read does not keep others from it."""
        behind = [store for store in stores if self._freshness.is_behind(store)]
        names = {store.id for store in behind}
        self._unfilled = {s: each for s, each in self._unfilled.items() if s in names}
        turns = asyncio.Semaphore(_FILLED_AT_ONCE)
        async with asyncio.TaskGroup() as tasks:
            for store in behind:
                failure = self._unfilled.get(store.id)
                if failure is None or time.monotonic() >= failure.again_at:
                    tasks.create_task(self._fill_store(database, store, turns))

    async def _fill_store(self, database: Database, store: Store, turns: asyncio.Semaphore) -> None:
        async with turns:
            if not self._leads:
                return
            try:
                await self._filling.fill(database, store)
            except ShardError as error:
                log.info("%s is not in the directory up to now: %s", store.id, error)
                again_at = time.monotonic() + _AGAIN_SECONDS
                self._unfilled[store.id] = _Unfilled(f"{store.id}: {error.reason}", again_at)
            else:
                self._unfilled.pop(store.id, None)

    async def _verify(self, database: Database, stores: Collection[Store]) -> None:
        """Have what is not as the shards say taken over anew: whoever changed it was not we."""
        counted = await database.read(None, count_faces, [store.id for store in stores])
        states = await database.read(None, read_states)
        for store in stores:
            state, status = states.get(store.id), self._replicas.writer(store).status
            if state is None or status is None or state.seq != status.seq:
                continue
            if {counted.get(store.id, 0)} != {state.faces, status.counts.roaming}:
                log.warning("the directory is wrong about %s: it is read anew", store.id)
                await database.write(None, forget, store.id)


def _few_of(stores: Sequence[Store], turn: int) -> list[Store]:
    """Return the stores whose turn it is to be verified, so many that all are once in a while."""
    few = math.ceil(len(stores) * _FOLLOW_SECONDS / _VERIFY_SECONDS)
    return [stores[(turn + n) % len(stores)] for n in range(few)]
