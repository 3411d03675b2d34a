"""Each frame is answered once, however often it is sent, to whichever gateway."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable

from contract.deadline import Deadline
from contract.errors import DeadlineExceeded, FacegateError, KeyReused
from gateway.clock.clock import Clock, now
from gateway.record.database import Database
from gateway.record.visits.idempotency_keys import (
    IdempotencyKey,
    KeyLease,
    LeaseResult,
    LeaseTimes,
    acquire_key,
    release_key,
)

_LOOK_SECONDS = 0.05
"""The pause between two looks at what another gateway answers."""
_SLACK_SECONDS = 5
"""How much longer than its request a claim is kept before another may take it."""

Work = Callable[[KeyLease | None], Awaitable[bytes]]
"""Makes the answer, and stores it with the lease that it is given."""


class IdempotentAnswers:
    """Answers requests that carry a key.

    Those of one key that arrive while the first is under way wait for it: in this gateway on the
    very task, in others by looking at the record.
    """

    def __init__(self, database: Database, request_seconds: float, steady: Clock) -> None:
        """Remember keys by a `steady` clock: one that jumps makes no frame count twice."""
        self._database = database
        self._steady = steady
        self._lease_ms = int((request_seconds + _SLACK_SECONDS) * 1000)
        self._under_way: dict[tuple[str, str], tuple[str, asyncio.Task[bytes]]] = {}
        self._unreleased: dict[IdempotencyKey, str] = {}

    async def answer(self, key: IdempotencyKey | None, deadline: Deadline, work: Work) -> bytes:
        """Return what `work` answered to the first request with `key`; it stores its answer.

        Without a key it is every request's own. Raises KeyReused, and what `work` raises: then the
        next request has its turn.
        """
        if key is None:
            return await work(None)
        place = (key.store, key.key)
        if place not in self._under_way:
            task = asyncio.create_task(self._first(key, deadline, work))
            self._under_way[place] = (key.digest, task)
            task.add_done_callback(lambda done: self._ended(place, done))
        digest, task = self._under_way[place]
        if digest != key.digest:
            raise KeyReused(f"{key.key} was sent with another picture or other parameters")
        try:
            async with asyncio.timeout(deadline.left):
                return await asyncio.shield(task)
        except TimeoutError:
            raise DeadlineExceeded("the frame was sent before and is not answered yet") from None

    def _ended(self, place: tuple[str, str], task: asyncio.Task[bytes]) -> None:
        del self._under_way[place]
        if not task.cancelled():
            task.exception()  # those who wait have it; nobody may be left to

    async def _first(self, key: IdempotencyKey, deadline: Deadline, work: Work) -> bytes:
        lease = KeyLease(key, self._unreleased.get(key) or uuid.uuid4().hex)
        while True:
            times = LeaseTimes(now(), self._steady(), self._lease_ms)
            found = await self._database.write_grouped(deadline, acquire_key, lease, times)
            if isinstance(found, bytes):
                return found
            if found is LeaseResult.ACQUIRED:
                return await self._work(lease, work)
            if deadline.left <= _LOOK_SECONDS:
                raise DeadlineExceeded("another gateway has not answered this frame yet")
            await asyncio.sleep(_LOOK_SECONDS)

    async def _work(self, lease: KeyLease, work: Work) -> bytes:
        try:
            return await work(lease)
        except BaseException:  # cancelled, too: another try may have the key
            await self._release(lease)
            raise

    async def _release(self, lease: KeyLease) -> None:
        """Give the claim back; where the record cannot be written, keep it for the next try."""
        try:
            await self._database.write_grouped(None, release_key, lease)
        except FacegateError:
            self._unreleased[lease.key] = lease.token
            asyncio.get_running_loop().call_later(
                self._lease_ms / 1000, self._unreleased.pop, lease.key, None
            )
