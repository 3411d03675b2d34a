"""Asks every shard process how its stores are, over and over, evenly spread over the interval."""

import asyncio
import logging
from collections.abc import Callable, Sequence

from contract.deadline import Deadline
from contract.errors import ShardError, ShardRefused, ShardUntrusted, UnknownStore
from contract.messages.cluster import ShardStatus
from contract.stores.address import Address
from contract.stores.store_map import StoreMap
from gateway.chain.replicas import MAX_FAILURES, Replica, Replicas
from gateway.chain.shard_client import ShardClient

log = logging.getLogger(__name__)

_ANSWER_SECONDS = 1.0
"""So long may an answer take in any case: who asks more often does not take a busy one for dead."""


class HealthChecks:
    """Keeps `replicas` equal to the store map and informed: one request a process."""

    def __init__(self, replicas: Replicas, client: ShardClient, seconds: float) -> None:
        self._replicas = replicas
        self._client = client
        self._seconds = seconds

    async def check(self, replica: Replica) -> None:
        """Ask one replica how it is."""
        await self._check_process([replica])

    async def check_all(self, stores: StoreMap) -> None:
        """Check every replica of `stores` at once."""
        async with asyncio.TaskGroup() as checks:
            for together in self._processes(stores):
                checks.create_task(self._check_process(together))

    async def run(self, current: Callable[[], StoreMap]) -> None:
        """Check for ever, one process after the other; a burst of checks would delay requests."""
        async with asyncio.TaskGroup() as checks:
            while True:
                processes = self._processes(current())
                for together in processes:
                    checks.create_task(self._check_process(together))
                    await asyncio.sleep(self._seconds / len(processes))
                if not processes:
                    await asyncio.sleep(self._seconds)

    async def _check_process(self, together: Sequence[Replica]) -> None:
        """Ask the process of some replicas how they are."""
        try:
            statuses = await self._statuses(together)
        except ShardRefused as error:
            if error.code == UnknownStore.code:
                _failed(together, error.detail, MAX_FAILURES)
            else:
                _failed(together, error.reason)
        except ShardUntrusted as error:
            _failed(together, error.detail)
        except ShardError as error:
            _failed(together, error.reason)
        except Exception:  # of one process: the others' checks go on
            log.exception("%s cannot be checked", together[0].address)
            _failed(together, "cannot be checked")
        else:
            _reported(together, statuses)

    async def _statuses(self, together: Sequence[Replica]) -> list[ShardStatus]:
        """Return what a process says; one of a single store may be of a former release."""
        place, limit = together[0].place, Deadline(max(self._seconds, _ANSWER_SECONDS))
        if len(together) == 1:
            return [await self._client.status(place, limit)]
        return await self._client.statuses(place, limit)

    def _processes(self, stores: StoreMap) -> list[list[Replica]]:
        """Return the replicas of all stores, those of one process together."""
        known: dict[Address, list[Replica]] = {}
        for store in stores.stores.values():
            for replica in self._replicas.of(store):
                known.setdefault(replica.address, []).append(replica)
        self._client.keep_only(known.keys())
        self._replicas.keep_only(replica for together in known.values() for replica in together)
        return list(known.values())


def _failed(replicas: Sequence[Replica], reason: str, count: int = 1) -> None:
    for replica in replicas:
        replica.failed(reason, count)


def _reported(replicas: Sequence[Replica], statuses: Sequence[ShardStatus]) -> None:
    """Tell each replica what its process says of it."""
    if len(replicas) == len(statuses) == 1:
        replicas[0].reported(statuses[0])
        return
    told = {status.store: status for status in statuses}
    for replica in replicas:
        status = told.get(replica.place.store)
        if status is None:
            replica.failed("its process does not serve the store", MAX_FAILURES)
        else:
            replica.reported(status)
