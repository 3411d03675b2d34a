"""The trail of one gateway: a chain of entries in the record, and in a file of its own."""

import asyncio
import errno
import json
import logging
import secrets
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, ParamSpec, TypeVar

from contract.audit_chain import DROPPED, GENESIS, Entry, Head, sealed, subject_digest
from contract.errors import ConfigurationError, FacegateError, StorageFull, StorageUnavailable
from gateway.audit.audit_file import AuditFile
from gateway.audit.draft import AuditDraft
from gateway.audit.refused_requests import RefusedRequests
from gateway.audit.request_notes import current
from gateway.clock.clock import Clock, iso, now
from gateway.record.audit.entries import (
    AuditRow,
    add_entries,
    drop_entries,
    droppable,
    lines_after,
)
from gateway.record.audit.subject import Subject
from gateway.record.database import Database
from gateway.record.people.face_pair import FacePair

P = ParamSpec("P")
T = TypeVar("T")

log = logging.getLogger("audit")

_MOST = 200
"""Entries that are written at once."""
_LINES = 1000
_SECONDS = 10.0
"""How long a request waits for its entry; it may still be written then."""
_MINUTE = 60.0
_DAY_MS = 86_400_000
_SALT_BYTES = 16


class _Waiting:
    """An entry that waits to be written."""

    def __init__(self, draft: AuditDraft) -> None:
        self.draft = draft
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()


class Trail:
    """Writes entries into the record and into the file, and says when both have them.

    The record comes first. What the file lacks, because the disk was full or the process was
    killed, it gets from the record before anything else is written.
    """

    def __init__(
        self, database: Database, file: AuditFile, *, days: float, clock: Clock = now
    ) -> None:
        """`days`: how long entries are kept; 0: for ever."""
        self._database = database
        self._file = file
        self._days = days
        self._clock = clock
        self._waiting: deque[_Waiting] = deque()
        self._wakened = asyncio.Event()
        self._beginning = _new_chain()
        self.head: Head | None = None
        """The last entry; None until the file has been looked at."""
        self.refused = RefusedRequests()

    async def start(self) -> None:
        """Open the file, bring it in line with the record, and tell that the gateway begins.

        Raises ConfigurationError where the file is none of a trail. A disk that is full meanwhile
        is waited for: nothing that is audited is answered before.
        """
        try:
            await self._write([_Waiting(AuditDraft("gateway.start", self._clock()))])
        except ConfigurationError:
            raise
        except FacegateError as error:
            log.error("the audit trail cannot be written: %s", error.detail)

    async def close(self) -> None:
        """Write what still waits, and close the file."""
        try:
            await self._write([*self._waiting, *map(_Waiting, self.refused.take())])
        except Exception as error:  # noqa: BLE001 - the process ends in any case, and says so
            log.error("the last entries of the audit trail are lost: %s", error)
        self._waiting.clear()
        await asyncio.to_thread(self._file.close)

    async def write(self, draft: AuditDraft) -> None:
        """Write an entry, and return when it is stored. Raises StorageError."""
        waiting = _Waiting(draft)
        self._waiting.append(waiting)
        self._wakened.set()
        try:
            async with asyncio.timeout(_SECONDS):
                await waiting.done
        except TimeoutError:
            raise StorageUnavailable("the audit trail takes too long") from None

    async def tell(
        self, action: str, *faces: FacePair, store: str | None = None, **details: Any
    ) -> None:
        """Write what the gateway has done by itself, or because of a request.

        Where it cannot be written the log says so.
        """
        notes = current.get()
        draft = AuditDraft(action, self._clock()) if notes is None else notes.draft(action, None)
        subjects = [Subject.face(face) for face in faces]
        draft = replace(draft, store=store, subjects=subjects, details=details)
        try:
            await self.write(draft)
        except FacegateError as error:
            self.lost(draft, error)

    def lost(self, draft: AuditDraft, error: FacegateError) -> None:
        """Say that something which has been done is not in the trail."""
        log.error(
            "%s, request %s, is not in the audit trail: %s",
            draft.action,
            draft.request_id,
            error.detail,
        )

    async def run(self) -> None:
        """Write what waits, for ever."""
        while True:
            await self._wakened.wait()
            self._wakened.clear()
            while self._waiting:
                count = min(len(self._waiting), _MOST)
                await self._written([self._waiting.popleft() for _ in range(count)])

    async def keep(self) -> None:
        """Tell of refused requests each minute, of the head each hour, and drop what is too old."""
        minutes = 0
        while True:
            if minutes % 60 == 0:
                log.info("the audit trail is at %s", self.head, extra={"head": str(self.head)})
                await self.drop_old()
            await asyncio.sleep(_MINUTE)
            minutes += 1
            await self.tell_refused()

    async def tell_refused(self) -> None:
        """Write who was refused since the last time."""
        for draft in self.refused.take():
            try:
                await self.write(draft)
            except FacegateError as error:
                self.lost(draft, error)

    async def drop_old(self) -> None:
        """Drop entries and parts of the file that are too old."""
        if not self._days:
            return
        before = self._clock() - round(self._days * _DAY_MS)
        try:
            for last in await self._database.read(None, droppable, before, _LINES):
                through = {"through": str(last)}
                await self.write(AuditDraft(DROPPED, self._clock(), details=through))
                await self._database.write(None, drop_entries, last)
            await asyncio.to_thread(self._file.drop_parts, self._days)
        except (FacegateError, OSError) as error:
            log.warning("the audit trail keeps what is too old: %s", error)

    async def _written(self, batch: Sequence[_Waiting]) -> None:
        """Write entries, and tell those who wait for them."""
        error: BaseException | None = None
        try:
            await self._write(batch)
        except FacegateError as found:
            error = found
        except BaseException as found:  # whoever waits is told, and it goes on
            error = StorageUnavailable("the audit trail cannot be written")
            raise found from None
        finally:
            for waiting in batch:
                if waiting.done.done():  # nobody waits for it any more
                    continue
                if error is None:
                    waiting.done.set_result(None)
                else:
                    waiting.done.set_exception(error)

    async def _write(self, batch: Sequence[_Waiting]) -> None:
        """Write entries after the head. Raises StorageError; some of them may be stored then."""
        head = self.head or await self._caught_up()
        self.head = None  # until it is known to be there
        rows = []
        for waiting in batch:
            rows.append(row_of(waiting.draft, head, self._clock()))
            head = _head_of(rows[-1].entry)
        if rows:
            await self._database.write_grouped(None, add_entries, rows)
            await self._in_file(self._file.append, [row.line for row in rows], head)
        self.head = head

    async def _caught_up(self) -> Head:
        """Bring the file in line with the record, and return the last entry of both."""
        head = await self._in_file(self._file.open) or self._beginning
        while True:
            lines = await self._database.read(None, lines_after, head, _LINES)
            if lines is None:
                log.error("%s ends with %s, which is not in the record", self._file.path, head)
                await self._in_file(self._file.set_aside, head)
                head = self._beginning = _new_chain()
            elif lines:
                log.warning("%s lacked %d entries", self._file.path, len(lines))
                head = _head_of(json.loads(lines[-1]))
                await self._in_file(self._file.append, lines, head)
            else:
                return head

    async def _in_file(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return await asyncio.to_thread(work, *args, **kwargs)
        except OSError as error:
            kind = StorageFull if error.errno == errno.ENOSPC else StorageUnavailable
            raise kind(f"{self._file.path}: {error.strerror or error}") from error


def _new_chain() -> Head:
    return Head(secrets.token_hex(4), 0, GENESIS)


def row_of(draft: AuditDraft, head: Head, at: int) -> AuditRow:
    """Return an entry in its place, after `head`, written at the moment `at`."""
    subjects = [(subject, secrets.token_hex(_SALT_BYTES)) for subject in draft.subjects]
    entry = {
        "writer": head.writer,
        "number": head.number + 1,
        "at": iso(at),
        "who": draft.who,
        "role": draft.role,
        "address": draft.address,
        "action": draft.action,
        "store": draft.store,
        "subjects": [
            {"kind": subject.kind, "digest": subject_digest(salt, subject.said)}
            for subject, salt in subjects
        ],
        "details": dict(draft.details),
        "status": draft.status,
        "request_id": draft.request_id,
    }
    return AuditRow(sealed(entry, head.digest), at, draft.since, subjects)


def _head_of(entry: Entry) -> Head:
    return Head(entry["writer"], entry["number"], entry["digest"])
