"""Which replica gets a request: the least busy healthy one, and once another one if that fails."""

from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

from contract.errors import ShardError, ShardRefused, ShardUnavailable
from contract.stores.address import Address
from contract.stores.store_map import Store
from gateway.chain.health import HealthChecks
from gateway.chain.replicas import Replica, Replicas, by_rendezvous, least_busy
from gateway.chain.stale_stores import StaleStores

_T = TypeVar("_T")
Call = Callable[[Address], Awaitable[_T]]

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
        if store.id in self.stale_stores:
            raise ShardUnavailable(f"store {store.id!r} is being brought up to date")
        writer, needed = store.shards[0], self.stale_stores.required_seq(store.id)
        healthy = [
            replica
            for replica in self._replicas.of(store)
            if replica.healthy and (replica.address == writer or replica.knows(needed))
        ]
        preferred = least_busy(healthy) if affinity is None else by_rendezvous(healthy, affinity)
        return await self._ask(preferred, call)

    async def read(self, store: Store, call: Call[_T]) -> _T:
        """Ask a replica that answers, for something that needs no index."""
        alive = [replica for replica in self._replicas.of(store) if replica.alive]
        return await self._ask(least_busy(alive), call)

    async def write(self, store: Store, call: Call[_T]) -> _T:
        """Ask the store's first replica alone, once it has said that it is of this store."""
        writer = self._replicas.at(store.shards[0])
        if writer.status is None and writer.alive:
            await self._health.check(store, writer)
        if writer.status is None:
            raise ShardUnavailable(f"the shard that writes for store {store.id!r} does not answer")
        return await self._ask([writer], call)

    def may_write(self, store: Store) -> bool:
        """Say whether the replica that writes for the store is thought to answer."""
        return self._replicas.at(store.shards[0]).alive

    async def anywhere(self, stores: Iterable[Store], call: Call[_T]) -> _T:
        """Ask the least busy healthy replica of any of `stores`."""
        replicas = [replica for store in stores for replica in self._replicas.of(store)]
        return await self._ask(least_busy(r for r in replicas if r.healthy), call)

    async def _ask(self, replicas: list[Replica], call: Call[_T]) -> _T:
        failure: ShardError = ShardUnavailable()
        for replica in replicas[:ATTEMPTS]:
            try:
                with self._replicas.use(replica) as address:
                    answer = await call(address)
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
