"""Asks every replica for its status, over and over, evenly spread over the interval."""

import asyncio
import logging
from collections.abc import Callable

from contract.deadline import Deadline
from contract.errors import ShardError
from contract.stores.store_map import Store, StoreMap
from gateway.chain.replicas import Replica, Replicas
from gateway.chain.shard_client import ShardClient

log = logging.getLogger(__name__)


class HealthChecks:
    """Keeps `replicas` equal to the store map and informed."""

    def __init__(self, replicas: Replicas, client: ShardClient, seconds: float) -> None:
        self._replicas = replicas
        self._client = client
        self._seconds = seconds

    async def check(self, store: Store, replica: Replica) -> None:
        """Ask `replica`, which should be one of `store`, how it is."""
        try:
            status = await self._client.status(replica.address, Deadline(self._seconds))
        except ShardError as error:
            replica.failed(error.reason)
        except Exception:  # of one replica: the others' checks go on
            log.exception("%s at %s cannot be checked", store.id, replica.address)
            replica.failed("cannot be checked")
        else:
            replica.reported(status, store.id)

    async def check_all(self, stores: StoreMap) -> None:
        """Check every replica of `stores` at once."""
        async with asyncio.TaskGroup() as checks:
            for store, replica in self._known(stores):
                checks.create_task(self.check(store, replica))

    async def run(self, current: Callable[[], StoreMap]) -> None:
        """Check for ever, one replica after the other; a burst of checks would delay requests."""
        async with asyncio.TaskGroup() as checks:
            while True:
                known = self._known(current())
                for store, replica in known:
                    checks.create_task(self.check(store, replica))
                    await asyncio.sleep(self._seconds / len(known))
                if not known:
                    await asyncio.sleep(self._seconds)

    def _known(self, stores: StoreMap) -> list[tuple[Store, Replica]]:
        known = [(s, replica) for s in stores.stores.values() for replica in self._replicas.of(s)]
        self._replicas.keep_only(replica.address for _, replica in known)
        return known
