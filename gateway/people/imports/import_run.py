"""One import while a gateway works on it: checked as a whole, written, or undone.

It takes at most half of the time of one core and of the record, in short turns: whoever is at a
door waits for a turn at most.
"""

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Sequence
from http import HTTPStatus
from typing import Any

from contract.deadline import Deadline
from contract.errors import BadRequest, FacegateError, ShardError
from contract.messages.imports.import_job import MAX_REFUSED
from contract.messages.member_table import MemberLine, RefusedLine
from contract.stores.store_map import Store, StoreMap
from gateway.people.imports.pace import half_of_the_time
from gateway.people.imports.spooled_table import Line, SpooledTable, slice_of
from gateway.people.member_table import refusal_of
from gateway.people.members import Members
from gateway.record.people.imports.jobs import end_undone, note_progress, read_part, stop
from gateway.record.people.imports.lines import undo_lines, write_lines

_TURN_SECONDS = 0.001
"""For which lines are read before others have their turn. On the event loop: a thread that computes
lets it go on every 5 ms only, and a picture needs its turns many times."""
_WRITTEN_AT_ONCE = 8
"""Lines of one transaction: some 10 ms, for which visits wait."""
_TOLD_SECONDS = 1.0
"""How often shards are told of bindings, and the record of lines that are checked."""
_FACE_SECONDS = 15.0
"""How long the shards may take to say whether they have the FaceIds of a line."""
_Numbered = tuple[int, Line]
"""A line, and how many lines of the table are done when it is."""


class ImportRun:
    """Works on the import of a row, as `runner`. What it raises interrupts it: it can go on."""

    def __init__(
        self, row: Any, runner: str, members: Members, current: Callable[[], StoreMap]
    ) -> None:
        self.job: str = row.id
        self._row = row
        self._runner = runner
        self._members = members
        self._database = members.database
        self._current = current
        self._state: str = row.state
        self._refused: list[dict[str, Any]] = list(row.refused_lines)
        self._refusals: int = row.refused
        self._wrong = {line["line"] for line in self._refused}
        self._told = time.monotonic()
        self._stores = set[str]()

    async def work(self) -> None:
        """Bring the import to its end. Raises ImportTaken and StorageError."""
        if self._state == "undoing":
            await self._undo()
            return
        # The file has no name: it is gone with this process.
        with await asyncio.to_thread(tempfile.TemporaryFile) as file:
            table = SpooledTable(file)
            for part in range(1, self._row.parts + 1):
                body = await self._database.read(None, read_part, self.job, part)
                await asyncio.to_thread(table.add, body)
            if self._state == "checking":
                await self._check(table)
            if self._state == "writing":
                await self._write(table)
        if self._state == "undoing":
            await self._undo()

    # Checking

    async def _check(self, table: SpooledTable) -> None:
        """Look at every line; nothing is written."""
        self._refused, self._refusals, self._wrong = [], 0, set()
        checked = 0
        try:
            async for lines in self._slices(table, 0):
                for line in lines:
                    await self._check_line(line)
                checked += len(lines)
                if self._is_time_to_tell():
                    await self._note("checking", checked=checked, **self._refusal_values())
                if self._is_late():
                    await self._stop("late", "its time was over before all was checked")
                    return
        except BadRequest as error:
            await self._stop("refused", error.detail)
            return
        values = {"checked": checked, "lines": checked, **self._refusal_values()}
        if self._refusals and not self._row.partial:
            await self._note("checking", **values)
            await self._stop("refused", "lines are wrong")
            return
        await self._note("checking", state="writing", **values)
        self._state = "writing"

    async def _check_line(self, line: Line) -> None:
        if isinstance(line, RefusedLine):
            self._refuse(line)
            return
        try:
            await self._check_faces(line)
        except FacegateError as error:
            _raise_unless_of_lines(error)
            self._refuse(refusal_of(line, error))

    async def _check_faces(self, line: MemberLine) -> list[tuple[Store, str]]:
        """Return the FaceIds of a line. Raises UnknownStore, UnknownFace and ShardError."""
        stores = self._current()
        faces = [(stores.store(store), face_id) for store, face_id in line.faces]
        if faces:
            await self._members.check_faces(line.member_id, faces, Deadline(_FACE_SECONDS))
        return faces

    # Writing

    async def _write(self, table: SpooledTable) -> None:
        """Write every line that is right, from where an earlier run has ended."""
        through: int = self._row.written
        waiting: list[_Numbered] = []
        async for lines in self._slices(table, through):
            waiting += enumerate(lines, through + 1)
            through += len(lines)
            if len(waiting) < _WRITTEN_AT_ONCE:
                continue
            if not await self._write_some(waiting):
                return
            waiting = []
            if self._is_time_to_tell():
                await self._tell_shards()
        if waiting and not await self._write_some(waiting):
            return
        await self._tell_shards()
        await self._note("writing", state="done", ended_at=self._members.clock())
        self._state = "done"

    async def _write_some(self, lines: Sequence[_Numbered]) -> bool:
        """Write some lines; return False when the import is to be undone."""
        if self._is_late():
            await self._stop("late", "its time was over before all was written")
            return False
        try:
            await self._write_together(lines)
        except FacegateError as error:
            _raise_unless_of_lines(error)
            for line in lines:  # which of them it was is not known
                if not await self._write_alone(line):
                    return False
        return True

    async def _write_together(self, numbered: Sequence[_Numbered]) -> None:
        lines = [
            line
            for _, line in numbered
            if isinstance(line, MemberLine) and line.line not in self._wrong
        ]
        for line in lines:
            await self._check_faces(line)
        async with half_of_the_time():
            await self._database.write(
                None,
                write_lines,
                self.job,
                self._runner,
                lines,
                through=numbered[-1][0],
                now=self._members.clock(),
                by=self._row.key,
            )
        self._stores |= {store for line in lines for store, _ in line.faces}

    async def _write_alone(self, numbered: _Numbered) -> bool:
        through, line = numbered
        try:
            await self._write_together([numbered])
        except FacegateError as error:
            _raise_unless_of_lines(error)
            assert isinstance(line, MemberLine)
            self._refuse(refusal_of(line, error))
            await self._note("writing", written=through, **self._refusal_values())
            if not self._row.partial:
                await self._stop("refused", "a line turned out to be wrong when it was written")
                return False
        return True

    async def _tell_shards(self) -> None:
        self._members.names.forget()
        stores, self._stores = self._stores, set()
        await self._members.updates.deliver(stores)

    # Undoing

    async def _undo(self) -> None:
        """Undo what was written, the last line first."""
        undone: Sequence[str] = ["any"]
        while undone:
            async with half_of_the_time():
                undone = await self._database.write(
                    None,
                    undo_lines,
                    self.job,
                    self._runner,
                    _WRITTEN_AT_ONCE,
                    self._members.clock(),
                )
        self._stores = set(self._current().stores)
        await self._tell_shards()
        now = self._members.clock()
        await self._database.write(None, end_undone, self.job, self._runner, now)

    # What all of it needs

    async def _slices(self, table: SpooledTable, skipped: int) -> AsyncIterator[Sequence[Line]]:
        """Yield the lines after the first ones, some at a time. Raises BadRequest."""
        lines = table.lines()
        left = skipped
        while left:
            async with half_of_the_time():
                passed = slice_of(lines, _TURN_SECONDS, left)
            if not passed:
                return
            left -= len(passed)
        while True:
            async with half_of_the_time():
                some = slice_of(lines, _TURN_SECONDS, _WRITTEN_AT_ONCE)
            if not some:
                return
            yield some

    def _refuse(self, line: RefusedLine) -> None:
        self._refusals += 1
        self._wrong.add(line.line)
        if len(self._refused) < MAX_REFUSED:
            self._refused.append(line.model_dump())

    def _refusal_values(self) -> dict[str, Any]:
        return {"refused": self._refusals, "refused_lines": self._refused}

    def _is_time_to_tell(self) -> bool:
        if time.monotonic() - self._told < _TOLD_SECONDS:
            return False
        self._told = time.monotonic()
        return True

    def _is_late(self) -> bool:
        late: bool = self._members.clock() > self._row.deadline
        return late

    async def _note(self, during: str, **values: Any) -> None:
        values = {"alive_at": self._members.clock(), **values}
        await self._database.write(None, note_progress, self.job, self._runner, during, **values)

    async def _stop(self, outcome: Any, reason: str | None) -> None:
        await self._database.write(
            None,
            stop,
            self.job,
            self._state,
            outcome=outcome,
            reason=reason,
            now=self._members.clock(),
        )
        self._state = "undoing" if self._state == "writing" else outcome


def _raise_unless_of_lines(error: FacegateError) -> None:
    """Raise what is no line's fault: the import goes on when that has passed."""
    if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR and not isinstance(error, ShardError):
        raise error
