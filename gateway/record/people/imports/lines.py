"""Lines of an import: written so that they can be undone, and undone, the last first."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from contract.messages.member_table import MemberLine
from contract.messages.members import is_staff
from gateway.record.people.binding_updates import enqueue_bindings
from gateway.record.people.bindings import bind_faces, unbind_face
from gateway.record.people.consent.decisions import decisions_of, replace_decisions
from gateway.record.people.imports.jobs import note_progress
from gateway.record.people.imports.schema import import_undo, imports
from gateway.record.people.members import (
    add_member_event,
    delete_profile,
    faces_of,
    faces_of_member,
    replace_tags,
    write_profile,
)
from gateway.record.people.persons import set_staff
from gateway.record.people.schema import members
from gateway.record.scope import CHAIN
from gateway.record.store_locks import lock_stores
from gateway.record.visits.ledger import Ledger

_PROFILE = ("name", "folded_name", "tags", "profile", "cross_store", "updated_at")


def write_lines(
    connection: sa.Connection,
    job: str,
    runner: str,
    lines: Sequence[MemberLine],
    *,
    through: int,
    now: int,
    by: str | None,
) -> None:
    """Write lines, all or none, and note that the import is `through` so many of its table.

    Raises ImportTaken, and what `put_with_faces` raises.
    """
    lock_stores(connection, CHAIN)
    created = sum([_write(connection, job, line, now, by) for line in lines])
    note_progress(
        connection,
        job,
        runner,
        "writing",
        written=through,
        created=imports.c.created + created,
        updated=imports.c.updated + len(lines) - created,
        alive_at=now,
    )
    if lines:
        add_member_event(connection, now)


def undo_lines(connection: sa.Connection, job: str, runner: str, most: int, now: int) -> list[str]:
    """Undo the last lines of an import, as far as nobody has written their members since.

    Return the members; none when there is nothing left to undo. Raises ImportTaken.
    """
    lock_stores(connection, CHAIN)
    mine = sa.select(import_undo).where(import_undo.c.id == job)
    rows = connection.execute(mine.order_by(import_undo.c.undo.desc()).limit(most)).all()
    kept = sum([not _undo(connection, row, now) for row in rows])
    done = import_undo.c.undo.in_([row.undo for row in rows])
    connection.execute(sa.delete(import_undo).where(done))
    note_progress(connection, job, runner, "undoing", kept=imports.c.kept + kept, alive_at=now)
    if rows:
        add_member_event(connection, now)
    return [row.member_id for row in rows]


def _write(connection: sa.Connection, job: str, line: MemberLine, now: int, by: str | None) -> bool:
    before = _profile(connection, line.member_id)
    faces = faces_of_member(connection, line.member_id) if before and line.faces else []
    created = write_profile(connection, line.member_id, line.draft, now, by=by)
    if line.faces:
        bind_faces(connection, line.member_id, line.faces, now)
    after = faces_of_member(connection, line.member_id) if line.faces else []
    version = connection.execute(_version(line.member_id)).scalar_one()
    statement = sa.insert(import_undo).values(
        id=job,
        member_id=line.member_id,
        version=version,
        before=before,
        bound=[list(face) for face in after if face not in faces],
    )
    connection.execute(statement)
    return created


def _profile(connection: sa.Connection, member_id: str) -> dict[str, Any] | None:
    """Return a member's profile and decisions as they are stored; None when there is none."""
    columns = [members.c[name] for name in _PROFILE]
    query = sa.select(*columns).where(members.c.member_id == member_id)
    row = connection.execute(query).mappings().first()
    if row is None:
        return None
    return {**row, "decisions": decisions_of(connection, member_id)}


def _version(member_id: str) -> sa.Select[tuple[int]]:
    return sa.select(members.c.updated_at).where(members.c.member_id == member_id)


def _undo(connection: sa.Connection, row: sa.Row[Any], now: int) -> bool:
    """Have a member be as before a line; return False where somebody has written them since."""
    if connection.execute(_version(row.member_id)).scalar() != row.version:
        return False
    theirs = faces_of_member(connection, row.member_id)
    for store, face_id in row.bound:
        if (store, face_id) in theirs:
            unbind_face(connection, row.member_id, (store, face_id), now)
    if row.before is None:
        delete_profile(connection, row.member_id, now)
    else:
        _restore(connection, row.member_id, row.before, now)
    return True


def _restore(connection: sa.Connection, member_id: str, before: dict[str, Any], now: int) -> None:
    this = members.c.member_id == member_id
    current = connection.execute(sa.select(members).where(this)).one()
    values = {name: before[name] for name in _PROFILE}
    connection.execute(sa.update(members).where(this).values(values))
    replace_tags(connection, member_id, before["tags"])
    replace_decisions(connection, member_id, before["decisions"])
    staff = is_staff(before["tags"])
    if is_staff(current.tags) != staff:
        with Ledger(connection) as ledger:
            set_staff(connection, ledger, current.person, staff)
    if current.cross_store != before["cross_store"]:
        enqueue_bindings(connection, faces_of(connection, current.person), now)
