"""Members in and out as a table."""

from collections.abc import AsyncIterator

from contract.deadline import Deadline
from contract.errors import FacegateError
from contract.member_table import ImportReport, MemberLine, RefusedLine, read_table, write_table
from contract.store_map import StoreMap
from gateway.members import Members
from gateway.record.members import MemberQuery

_PAGE = 500


async def import_members(
    members: Members, stores: StoreMap, text: str, seconds: float
) -> ImportReport:
    """Write every member of a table that can be written, and bind the FaceIds.

    Raises BadRequest when it is no table; a line that is wrong is told and left out.
    """
    created = updated = 0
    refused = []
    for line in read_table(text):
        if isinstance(line, RefusedLine):
            refused.append(line)
            continue
        try:
            new = await _write(members, stores, line, seconds)
        except FacegateError as error:
            reason = f"{error.title}: {error.detail}" if error.detail else error.title
            refused.append(RefusedLine(line=line.line, member_id=line.member_id, reason=reason))
        else:
            created, updated = created + new, updated + (not new)
    return ImportReport(created=created, updated=updated, refused=refused)


async def _write(members: Members, stores: StoreMap, line: MemberLine, seconds: float) -> bool:
    member, new = await members.put(line.member_id, line.draft, Deadline(seconds))
    bound = {(face.store, face.face_id) for face in member.faces}
    for name, face_id in line.faces:
        store = stores.store(name)
        if (store.id, face_id) not in bound:
            await members.bind(line.member_id, store, face_id, Deadline(seconds))
    return new


async def export_members(members: Members, seconds: float) -> AsyncIterator[str]:
    """Yield all members as a table, piece by piece."""
    after: str | None = ""
    first = True
    while after is not None:
        query = MemberQuery(after=after, limit=_PAGE)
        page = await members.search(query, Deadline(seconds))
        yield write_table(page.members, head=first)
        first, after = False, page.next_after
