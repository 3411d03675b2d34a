"""Which replica gets a request: the least busy healthy one, and once another one if that fails."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import TypeVar

from contract.errors import ShardError, ShardNonsense, ShardRefused, ShardUnavailable
from contract.messages.shard_answers import SearchAnswer
from contract.stores.address import Address
from contract.stores.store_map import Store
from gateway.chain.health import HealthChecks
from gateway.chain.replica_address import ReplicaAddress
from gateway.chain.replicas import Replica, Replicas, by_rendezvous, least_busy
from gateway.chain.stale_stores import StaleStores

_T = TypeVar("_T")
Call = Callable[[ReplicaAddress], Awaitable[_T]]

JointCall = Callable[
    [ReplicaAddress, Sequence[str]], Awaitable[Mapping[str, SearchAnswer | ShardError]]
]
"""Asks a process for several of its stores; what it answers is by the stores' names."""

ATTEMPTS = 2
_ELSEWHERE = frozenset({"BUSY", "NOT_READY"})
"""Refusals that another replica may not share."""


class Router:
    """Sends requests to replicas of stores. Raises ShardUnavailable where there is none to ask."""

    def __init__(self, replicas: Replicas, health: HealthChecks) -> None:
        self._replicas = replicas
        self._health = health
        self.stale_stores = StaleStores()

    async def recognize(self, store: Store, call: Call[_T], affinity: str | None = None) -> _T:
        """Ask a replica whose index is complete.

        Requests of one `affinity` go to the same replica, as long as it is healthy.
        """
        healthy = self._complete(store)
        preferred = least_busy(healthy) if affinity is None else by_rendezvous(healthy, affinity)
        return await self._ask(preferred, call)

    async def recognize_together(
        self, stores: Sequence[Store], call: JointCall
    ) -> dict[str, SearchAnswer | ShardError]:
        """Ask replicas of stores of one process, whose indexes are complete, in one request.

        Returns what each store answers, or why it does not. Stores that another replica may
        answer are asked there once.
        """
        found: dict[str, SearchAnswer | ShardError] = {}
        left: dict[str, list[Replica]] = {}
        for store in stores:
            try:
                left[store.id] = least_busy(self._complete(store))[:ATTEMPTS]
            except ShardError as error:
                found[store.id] = error
        for _ in range(ATTEMPTS):
            asked: dict[Address, list[Replica]] = {}
            for store_id, replicas in left.items():
                if replicas:
                    replica = replicas.pop(0)
                    asked.setdefault(replica.address, []).append(replica)
                else:
                    found.setdefault(store_id, ShardUnavailable())
            rounds = (self._ask_together(replicas, call) for replicas in asked.values())
            for answers in await asyncio.gather(*rounds):
                found |= answers
            left = {
                store_id: replicas
                for store_id, replicas in left.items()
                if replicas and _may_know(found[store_id])
            }
            if not left:
                break
        return found

    async def read(self, store: Store, call: Call[_T]) -> _T:
        """Ask a replica that answers, for something that needs no index."""
        alive = [replica for replica in self._replicas.of(store) if replica.alive]
        return await self._ask(least_busy(alive), call)

    async def write(self, store: Store, call: Call[_T]) -> _T:
        """Ask the store's first replica alone, once it has said that it is of this store."""
        writer = self._replicas.writer(store)
        if writer.status is None and writer.alive:
            await self._health.check(writer)
        if writer.status is None:
            raise ShardUnavailable(f"the shard that writes for store {store.id!r} does not answer")
        return await self._ask([writer], call)

    def may_write(self, store: Store) -> bool:
        """Say whether the replica that writes for the store is thought to answer."""
        return self._replicas.writer(store).alive

    async def anywhere(self, stores: Iterable[Store], call: Call[_T]) -> _T:
        """Ask the least busy healthy replica of any of `stores`."""
        replicas = [replica for store in stores for replica in self._replicas.of(store)]
        return await self._ask(least_busy(r for r in replicas if r.healthy), call)

    def _complete(self, store: Store) -> list[Replica]:
        """Return the healthy replicas whose index is complete. Raises ShardUnavailable."""
        if store.id in self.stale_stores:
            raise ShardUnavailable(f"store {store.id!r} is being brought up to date")
        writer, needed = store.shards[0], self.stale_stores.required_seq(store.id)
        return [
            replica
            for replica in self._replicas.of(store)
            if replica.healthy and (replica.address == writer or replica.knows(needed))
        ]

    async def _ask_together(
        self, replicas: Sequence[Replica], call: JointCall
    ) -> dict[str, SearchAnswer | ShardError]:
        """Ask one process for what some of its replicas know; return what each says."""
        names = [replica.place.store for replica in replicas]
        try:
            with self._replicas.use(replicas[0]) as place:
                answers = await call(place, names)
        except ShardError as error:
            if isinstance(error, ShardUnavailable):
                for replica in replicas:
                    replica.failed("does not answer")
            return dict.fromkeys(names, error)
        for replica in replicas:
            replica.succeeded()
        return {name: answers.get(name) or ShardNonsense("no answer of a store") for name in names}

    async def _ask(self, replicas: list[Replica], call: Call[_T]) -> _T:
        failure: ShardError = ShardUnavailable()
        for replica in replicas[:ATTEMPTS]:
            try:
                with self._replicas.use(replica) as place:
                    answer = await call(place)
            except ShardUnavailable as error:
                replica.failed("does not answer")
                failure = error
            except ShardRefused as error:
                if error.code not in _ELSEWHERE:
                    raise
                failure = error
            else:
                replica.succeeded()
                return answer
        raise failure


def _may_know(answer: SearchAnswer | ShardError) -> bool:
    """Say whether another replica may answer where this one has not."""
    if isinstance(answer, ShardRefused):
        return answer.code in _ELSEWHERE
    return isinstance(answer, ShardUnavailable)
