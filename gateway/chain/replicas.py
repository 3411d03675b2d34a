"""What the gateway knows about each shard process. It outlives reloads of the store map."""

import hashlib
import itertools
import logging
import math
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from contract.messages.cluster import Counts, ReplicaStatus, ShardStatus
from contract.stores.address import Address
from contract.stores.store_map import Store
from gateway.chain.replica_address import ReplicaAddress
from scoring.counting_rates import CountingTable, counting_table

log = logging.getLogger(__name__)

MAX_FAILURES = 2
"""Failures in a row after which a replica is down: one lost packet or busy second is none yet."""

_LATELY = 1.0
"""Seconds for which shards pass for asked after a request: cameras send picture after picture."""


class ShardLoad:
    """How much one shard process has to do for this gateway, for all its stores together."""

    def __init__(self) -> None:
        self.in_flight = 0
        self.last_use = 0


class Replica:
    """A store in one shard process: whether it is of use now.

    A replica that was never asked for its status passes for healthy. `altered` hears when other
    faces can be searched in it than before.
    """

    def __init__(
        self, place: ReplicaAddress, load: ShardLoad, altered: Callable[[], None] = lambda: None
    ) -> None:
        self.place = place
        self.load = load
        self._altered = altered
        self.status: ShardStatus | None = None
        self.reported_at = -math.inf
        """When it last said how it is, by `time.monotonic`."""
        self.models: frozenset[str] = frozenset()
        """Whose vectors it can be searched by, as it last said."""
        self.counting: CountingTable | None = counting_table()
        """How wrongly it counts, when it last said how it is; None where nobody knows."""
        self.reason: str | None = None
        self._failures = 0

    @property
    def address(self) -> Address:
        """Where its process listens."""
        return self.place.address

    @property
    def alive(self) -> bool:
        """It answers, ready or not."""
        return self._failures < MAX_FAILURES

    @property
    def healthy(self) -> bool:
        """It answers, and its index holds every stored template."""
        return self.alive and (self.status is None or self.status.ready)

    def knows(self, seq: int) -> bool:
        """Say whether the replica had taken over the change `seq` when it last said how it is."""
        return self.status is None or self.status.seq >= seq

    def reported(self, status: ShardStatus) -> None:
        """Take over what the replica says of itself; it must be one of its store."""
        store = self.place.store
        if status.store != store:
            self.failed(f"serves store {status.store!r}", MAX_FAILURES)
            return
        if not self.alive:
            log.warning("replica %s of %s is back", self.address, store)
        models = frozenset(model for model in status.models if model is not None)
        if self._counts != status.counts or self.models != models:
            self._altered()
        self.status = status
        self.reported_at = time.monotonic()
        self.models = models
        self.counting = _counting(status)
        self.reason = None if status.ready else status.problem or status.importing or "not ready"
        self._failures = 0

    def failed(self, reason: str, count: int = 1) -> None:
        """Count a failure to answer."""
        was_alive = self.alive
        self._failures += count
        self.reason = reason
        if was_alive and not self.alive:
            self.status = None
            self._altered()
            log.warning("replica %s is down: %s", self.place, reason)

    def succeeded(self) -> None:
        """Forget failures: it has just answered a request."""
        if self._failures:
            self._failures = 0
            self.reason = None

    @property
    def _counts(self) -> Counts | None:
        return None if self.status is None else self.status.counts

    def as_message(self) -> ReplicaStatus:
        """Return what `/v1/cluster` shows."""
        return ReplicaStatus(
            address=str(self.address),
            healthy=self.healthy,
            in_flight=self.load.in_flight,
            reason=self.reason,
            status=self.status and self.status.model_copy(update={"counting": None}),
        )


class _OfStore(NamedTuple):
    """The replicas at a store's addresses, in their order."""

    addresses: tuple[Address, ...]
    replicas: Sequence[Replica]


class Replicas:
    """The replicas by store and address, and how much their processes have to do.

    `alterations` counts how often one had other faces to be searched than before.
    """

    def __init__(self) -> None:
        self.alterations = 0
        self._by_place: dict[ReplicaAddress, Replica] = {}
        self._by_store: dict[str, _OfStore] = {}
        self._loads: dict[Address, ShardLoad] = {}
        self._uses = itertools.count(1)
        self._used_at = -math.inf

    def of(self, store: Store) -> Sequence[Replica]:
        """Return the replicas of `store`, the writer first; it is asked of every store at once."""
        known = self._by_store.get(store.id)
        if known is None or known.addresses is not store.shards:
            replicas = [self.at(ReplicaAddress(address, store.id)) for address in store.shards]
            known = self._by_store[store.id] = _OfStore(store.shards, replicas)
        return known.replicas

    def counting(self, store: Store) -> CountingTable | None:
        """Return how wrongly the store's visitors are counted; None where nobody knows.

        It was measured with some face networks, and may be told by the map.
        """
        tables = [replica.counting for replica in self.of(store)]
        if all(table is not None for table in tables):
            return tables[0]
        told = store.missed_visits is not None and store.confused_visitors is not None
        return counting_table() if told else None

    def model_of(self, store: Store) -> str | None:
        """Return the model that serves the store, as its replicas last said; None when unknown."""
        statuses = (replica.status for replica in self.of(store))
        return next((status.model for status in statuses if status is not None), None)

    def writer(self, store: Store) -> Replica:
        """Return the replica that takes the writes of `store`."""
        return self.of(store)[0]

    def at(self, place: ReplicaAddress) -> Replica:
        """Return the replica at `place`."""
        replica = self._by_place.get(place)
        if replica is None:
            load = self._loads.setdefault(place.address, ShardLoad())
            replica = self._by_place[place] = Replica(place, load, self._note_alteration)
        return replica

    def keep_only(self, replicas: Iterable[Replica]) -> None:
        """Forget the replicas that no store has any more."""
        kept = {replica.place: replica for replica in replicas}
        if kept.keys() != self._by_place.keys():
            self._by_place = kept
            self._by_store.clear()
            self._note_alteration()
        self._loads = {replica.address: replica.load for replica in self._by_place.values()}

    def _note_alteration(self) -> None:
        self.alterations += 1

    @contextmanager
    def use(self, replica: Replica) -> Iterator[ReplicaAddress]:
        """Count a request to the process of `replica` while it is under way."""
        load = replica.load
        load.in_flight += 1
        load.last_use = next(self._uses)
        try:
            yield replica.place
        finally:
            load.in_flight -= 1
            self._used_at = time.monotonic()

    def are_asked(self) -> bool:
        """Say whether a request to a shard is under way, or was within the last second."""
        if time.monotonic() - self._used_at < _LATELY:
            return True
        return any(load.in_flight for load in self._loads.values())


def least_busy(replicas: Iterable[Replica]) -> list[Replica]:
    """Return `replicas`, least busy first; of equally busy ones the least recently used."""
    return sorted(replicas, key=lambda replica: (replica.load.in_flight, replica.load.last_use))


def by_rendezvous(replicas: Iterable[Replica], key: str) -> list[Replica]:
    """Return `replicas` in the order that `key` gives them, whoever of them is healthy.

    When one goes, its keys alone go to others; all gateways agree without a word.
    """

    def weight(replica: Replica) -> bytes:
        return hashlib.blake2b(f"{replica.address} {key}".encode(), digest_size=8).digest()

    return sorted(replicas, key=weight)


def _counting(status: ShardStatus) -> CountingTable | None:
    """Return how wrongly a replica counts by what it says: a former release says nothing of it."""
    if status.counting and status.model:
        return CountingTable(model=status.model, rates=tuple(status.counting))
    return counting_table() if status.scale is None or status.scale.estimates else None
