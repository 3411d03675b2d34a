"""Imports of members as jobs: begun, shown, cancelled, and worked on, one at a time."""

import logging
import uuid
from collections.abc import Callable

from contract.deadline import Deadline
from contract.errors import BodyTooLarge
from contract.messages.imports.import_job import ImportJob, ImportList
from contract.stores.store_map import StoreMap
from gateway.audit.request_notes import note_details
from gateway.audit.tell import Tell
from gateway.people.imports.import_run import ImportRun
from gateway.people.imports.pace import Pace
from gateway.people.members import Members
from gateway.record.people.imports.jobs import (
    ImportTaken,
    add_part,
    begin,
    cancel,
    claim,
    is_work_left,
    list_imports,
    read_import,
    tidy,
)

log = logging.getLogger(__name__)

_TIDIED_AT_ONCE = 200


class Imports:
    """Takes tables of at most `most_bytes`, each of which has `seconds` to be written.

    Where several gateways share a record, whichever is free works on the import; when one is
    killed, another one, or the same when it is back, goes on.
    """

    def __init__(
        self,
        members: Members,
        current: Callable[[], StoreMap],
        pace: Pace,
        *,
        tell: Tell,
        seconds: float,
        most_bytes: int,
    ) -> None:
        self._members = members
        self._database = members.database
        self._current = current
        self._pace = pace
        self._tell = tell
        self._seconds = seconds
        self._most = most_bytes
        self._runner = uuid.uuid4().hex

    async def begin(
        self, body: bytes, *, partial: bool, more: bool, key: str | None, deadline: Deadline
    ) -> ImportJob:
        """Begin an import. Raises ImportRunning and BodyTooLarge."""
        if len(body) > self._most:
            raise BodyTooLarge(f"a table has at most {self._most} bytes")
        now = self._members.clock()
        job = await self._database.write(
            deadline,
            begin,
            body,
            partial=partial,
            more=more,
            key=key,
            now=now,
            deadline_at=now + round(self._seconds * 1000),
        )
        note_details(job=job)
        return await self.get(job, deadline)

    async def add(
        self, job: str, part: int, body: bytes, *, more: bool, deadline: Deadline
    ) -> ImportJob:
        """Add a part. Raises NotFound, ImportEnded, Conflict and BodyTooLarge."""
        now = self._members.clock()
        await self._database.write(
            deadline, add_part, job, part, body, more=more, most=self._most, now=now
        )
        return await self.get(job, deadline)

    async def get(self, job: str, deadline: Deadline | None) -> ImportJob:
        """Return an import. Raises NotFound."""
        return await self._database.read(deadline, read_import, job)

    async def list(self, deadline: Deadline) -> ImportList:
        """Return the last imports."""
        return ImportList(imports=await self._database.read(deadline, list_imports))

    async def cancel(self, job: str, deadline: Deadline) -> ImportJob:
        """Have an import end without effect. Raises NotFound and ImportEnded."""
        await self._database.write(deadline, cancel, job, self._members.clock())
        return await self.get(job, deadline)

    async def step(self) -> None:
        """Work on an import if there is one, to its end. Raises StorageError: it goes on later."""
        if not await self._database.read(None, is_work_left):
            return
        row = await self._database.write(None, claim, self._runner, self._members.clock())
        if row is not None:
            await self._work(row)
        await self._tidy()

    async def _tidy(self) -> None:
        """Delete what imports needed that have ended."""
        left = True
        while left:
            async with self._pace.turn():
                left = await self._database.write(None, tidy, _TIDIED_AT_ONCE)
            if left:
                self._database.mark_erased()

    async def _work(self, row: object) -> None:
        run = ImportRun(row, self._runner, self._members, self._current, self._pace)
        try:
            await run.work()
        except ImportTaken:
            log.info("the import %s was cancelled, or is another gateway's now", run.job)
        job = await self.get(run.job, None)
        if job.ended_at is not None:
            counts = {"created", "updated", "refused", "kept"}
            told = {"job": job.id, "state": job.state, **job.model_dump(include=counts)}
            await self._tell("import.end", **told)
