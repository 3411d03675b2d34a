"""Importing and exporting members as CSV."""

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Protocol

from contract.deadline import Deadline
from contract.errors import DeadlineExceeded, FacegateError, StorageError
from contract.messages.member_table import (
    ImportReport,
    MemberLine,
    RefusedLine,
    read_table,
    write_table,
)
from contract.messages.members import MemberDraft
from contract.stores.store_map import Store, StoreMap
from gateway.audit.request_notes import note_details
from gateway.people.members import Members
from gateway.record.people.member_search import MemberQuery

_PAGE = 500
_LEFT = "the sender has left"
_LATE = "the time of one request is over"


class MemberWriter(Protocol):
    """Writes members; `members.py` has the real one."""

    async def put_with_faces(
        self,
        member_id: str,
        draft: MemberDraft,
        faces: Sequence[tuple[Store, str]],
        deadline: Deadline,
        *,
        by: str | None = None,
    ) -> bool:
        """Write a profile and bind FaceIds, all or nothing; return whether the member is new."""


async def import_members(
    members: MemberWriter,
    stores: StoreMap,
    text: str,
    deadline: Deadline,
    *,
    line_seconds: float,
    has_left: Callable[[], Awaitable[bool]],
    by: str | None = None,
) -> ImportReport:
    """Write every member of a table that can be written, with the FaceIds, line by line.

    Raises BadRequest when it is no table; a line that is wrong is reported and changes nothing. The
    import stops before a line when the `deadline` has passed or the sender `has_left`, and at one
    that takes more than `line_seconds` or finds the record away; the report says at which. `by`
    took the consents of which the table does not say who did.
    """
    progress = _MemberImport(members, stores, line_seconds, by)
    for line in read_table(text):
        if await has_left():
            progress.stop(line, _LEFT)
        elif not deadline.left:
            progress.stop(line, _LATE)
        else:
            await progress.take(line)
        if progress.stopped is not None:
            break
    report = progress.report
    note_details(**report.model_dump(include={"created", "updated", "next_line"}))
    return report


def refusal_of(line: MemberLine, error: FacegateError) -> RefusedLine:
    """Return a line as one that was left out because of an error."""
    reason = f"{error.title}: {error.detail}" if error.detail else error.title
    return RefusedLine(line=line.line, member_id=line.member_id, reason=reason)


class _MemberImport:
    """The progress of an import."""

    def __init__(
        self, members: MemberWriter, stores: StoreMap, seconds: float, by: str | None
    ) -> None:
        self._members = members
        self._stores = stores
        self._seconds = seconds
        self._by = by
        self._refused: list[RefusedLine] = []
        self._counts = Counter[str]()
        self._next: int | None = None
        self.stopped: str | None = None

    @property
    def report(self) -> ImportReport:
        """What became of the table."""
        return ImportReport(
            created=self._counts["created"],
            updated=self._counts["updated"],
            refused=self._refused,
            next_line=self._next,
            stopped=self.stopped,
        )

    def stop(self, line: MemberLine | RefusedLine, reason: str) -> None:
        """End before a line."""
        self._next, self.stopped = line.line, reason

    async def take(self, line: MemberLine | RefusedLine) -> None:
        """Write a line, or note why not."""
        if isinstance(line, RefusedLine):
            self._refused.append(line)
            return
        try:
            created = await self._write(line)
        except (StorageError, DeadlineExceeded) as error:
            self.stop(line, error.detail)
        except FacegateError as error:
            self._refused.append(refusal_of(line, error))
        else:
            self._counts["created" if created else "updated"] += 1

    async def _write(self, line: MemberLine) -> bool:
        faces = [(self._stores.store(store), face_id) for store, face_id in line.faces]
        deadline = Deadline(self._seconds)
        return await self._members.put_with_faces(
            line.member_id, line.draft, faces, deadline, by=self._by
        )


async def export_members(members: Members, seconds: float) -> AsyncIterator[str]:
    """Yield all members as a table, piece by piece."""
    after: str | None = ""
    first = True
    while after is not None:
        query = MemberQuery(after=after, limit=_PAGE)
        page = await members.search(query, Deadline(seconds))
        yield write_table(page.members, head=first)
        first, after = False, page.next_after
