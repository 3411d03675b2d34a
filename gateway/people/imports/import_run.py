"""One import while a gateway works on it: checked as a whole, written, or undone.

It works in short turns, and while anybody is recognized it takes at most half of the time of one
core and of the record: whoever is at a door waits for a turn at most.
"""

import asyncio
import tempfile
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Sequence
from http import HTTPStatus
from typing import Any

from contract.deadline import Deadline
from contract.errors import BadRequest, FacegateError, ShardError, UnknownStore
from contract.messages.imports.import_job import MAX_REFUSED
from contract.messages.member_table import MemberLine, RefusedLine
from contract.stores.store_map import Store, StoreMap
from gateway.people.imports.lot_size import LotSize, timed
from gateway.people.imports.pace import Pace
from gateway.people.imports.spooled_table import Line, SpooledTable, slice_of
from gateway.people.member_table import refusal_of
from gateway.people.members import Members
from gateway.record.people.face_pair import FacePair
from gateway.record.people.imports.jobs import end_undone, note_progress, read_part, stop
from gateway.record.people.imports.lines import undo_lines, write_lines

_TURN_SECONDS = 0.001
"""For which lines are read before others have their turn. On the event loop: a thread that computes
lets it go on every 5 ms only, and a picture needs its turns many times."""
_CHECKED_AT_ONCE = 250
"""Lines of whose FaceIds a store is asked in one request."""
_TOLD_SECONDS = 1.0
"""How often shards are told of bindings, and the record of lines that are checked."""
_FACE_SECONDS = 15.0
"""How long the shards may take to say which FaceIds of some lines they have."""
_Numbered = tuple[int, Line]
"""How many lines of the table are done when a line is, and the line."""


class ImportRun:
    """Works on the import of a row, as `runner`. What it raises interrupts it: it can go on."""

    def __init__(
        self,
        row: Any,
        runner: str,
        members: Members,
        current: Callable[[], StoreMap],
        pace: Pace,
    ) -> None:
        self.job: str = row.id
        self._row = row
        self._runner = runner
        self._members = members
        self._database = members.database
        self._current = current
        self._pace = pace
        self._size = LotSize(in_turns=self._database.writes_in_turns)
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
            async for lot in self._lots(table, lambda: _CHECKED_AT_ONCE):
                await self._check_lines([line for _, line in lot])
                checked += len(lot)
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

    async def _check_lines(self, lines: Sequence[Line]) -> None:
        errors = await self._wrong_faces([line for line in lines if isinstance(line, MemberLine)])
        for line in lines:
            if isinstance(line, RefusedLine):
                self._refuse(line)
            elif line.line in errors:
                self._refuse(refusal_of(line, errors[line.line]))

    async def _wrong_faces(self, lines: Sequence[MemberLine]) -> dict[int, FacegateError]:
        """Return why FaceIds of lines cannot be bound, by the numbers of the lines."""
        stores = self._current()
        faces = defaultdict[str, list[tuple[Store, str]]](list)
        errors = dict[FacePair, FacegateError]()
        for line in lines:
            for store, face_id in line.faces:
                try:
                    faces[line.member_id].append((stores.store(store), face_id))
                except UnknownStore as error:
                    errors[store, face_id] = error
        if faces:
            errors |= await self._members.wrong_faces(faces, Deadline(_FACE_SECONDS))
        return {
            line.line: errors[face] for line in lines for face in line.faces[::-1] if face in errors
        }

    # Writing

    async def _write(self, table: SpooledTable) -> None:
        """Write every line that is right, from where an earlier run has ended."""
        async for lot in self._lots(table, lambda: self._size.lines, skipped=self._row.written):
            if not await self._write_lot(lot):
                return
            if self._is_time_to_tell():
                await self._tell_shards()
        await self._tell_shards()
        await self._note("writing", state="done", ended_at=self._members.clock())
        self._state = "done"

    async def _write_lot(self, lot: Sequence[_Numbered]) -> bool:
        """Write some lines; return False when the import is to be undone."""
        if self._is_late():
            await self._stop("late", "its time was over before all was written")
            return False
        lines = self._right(lot)
        errors = await self._wrong_faces(lines)
        wrong = [refusal_of(line, errors[line.line]) for line in lines if line.line in errors]
        if wrong and not await self._leave_out(wrong):
            return False
        return await self._write_right(lot)

    async def _write_right(self, lot: Sequence[_Numbered]) -> bool:
        """Write those lines that are right: together, or where the record takes some not, apart."""
        try:
            await self._write_together(lot)
        except FacegateError as error:
            _raise_unless_of_lines(error)
            if len(lot) == 1:
                [line], [(through, _)] = self._right(lot), lot
                return await self._leave_out([refusal_of(line, error)], written=through)
            half = len(lot) // 2
            return await self._write_right(lot[:half]) and await self._write_right(lot[half:])
        return True

    async def _write_together(self, lot: Sequence[_Numbered]) -> None:
        lines = self._right(lot)
        async with self._pace.turn():
            _, seconds = await self._database.write(
                None,
                timed,
                write_lines,
                self.job,
                self._runner,
                lines,
                through=lot[-1][0],
                now=self._members.clock(),
                by=self._row.key,
            )
        if lines:
            self._size.fit(len(lines), seconds)
        self._stores |= {store for line in lines for store, _ in line.faces}

    def _right(self, lot: Sequence[_Numbered]) -> list[MemberLine]:
        return [
            line for _, line in lot if isinstance(line, MemberLine) and line.line not in self._wrong
        ]

    async def _leave_out(self, lines: Sequence[RefusedLine], **values: Any) -> bool:
        """Note lines that turned out to be wrong; return False when the import is to be undone."""
        for line in lines:
            self._refuse(line)
        await self._note("writing", **self._refusal_values(), **values)
        if not self._row.partial:
            await self._stop("refused", "a line turned out to be wrong when it was written")
        partial: bool = self._row.partial
        return partial

    async def _tell_shards(self) -> None:
        self._members.names.forget()
        stores, self._stores = self._stores, set()
        await self._members.updates.deliver(stores)

    # Undoing

    async def _undo(self) -> None:
        """Undo what was written, the last line first."""
        undone: Sequence[str] = ["any"]
        while undone:
            async with self._pace.turn():
                undone, seconds = await self._database.write(
                    None,
                    timed,
                    undo_lines,
                    self.job,
                    self._runner,
                    self._size.lines,
                    self._members.clock(),
                )
            self._size.fit(len(undone), seconds)
        self._stores = set(self._current().stores)
        await self._tell_shards()
        now = self._members.clock()
        await self._database.write(None, end_undone, self.job, self._runner, now)

    # What all of it needs

    async def _lots(
        self, table: SpooledTable, most: Callable[[], int], skipped: int = 0
    ) -> AsyncIterator[list[_Numbered]]:
        """Yield the lines after the first ones, some at a time. Raises BadRequest."""
        numbered = enumerate(table.lines(), 1)
        lot: list[_Numbered] = []
        while True:
            async with self._pace.turn():
                some = slice_of(numbered, _TURN_SECONDS, most() - len(lot))
            lot += [(number, line) for number, line in some if number > skipped]
            if lot and (not some or len(lot) >= most()):
                yield lot
                lot = []
            if not some:
                return
            if some[-1][0] < skipped and self._is_time_to_tell():
                await self._note("writing")

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
