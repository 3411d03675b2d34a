"""Lines of an import: written so that they can be undone, and undone, the last first."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from contract.messages.member_table import MemberLine
from contract.messages.members import is_staff
from gateway.record.people.binding_updates import enqueue_bindings
from gateway.record.people.bindings import bind_faces, unbind_face
from gateway.record.people.consent.decisions import decisions_of, replace_decisions
from gateway.record.people.imports.distinct_runs import distinct_runs
from gateway.record.people.imports.jobs import note_progress
from gateway.record.people.imports.schema import import_undo, imports
from gateway.record.people.members import (
    add_member_event,
    add_tags,
    delete_profiles,
    delete_tags,
    faces_of,
    faces_of_members,
    update_members,
    write_profiles,
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
    runs = distinct_runs(lines, lambda line: {line.member_id, *line.faces})
    created = sum([_write(connection, job, run, now, by) for run in runs])
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
    runs = distinct_runs(rows, lambda row: {row.member_id})
    kept = sum([_undo(connection, run, now) for run in runs])
    done = import_undo.c.undo.in_([row.undo for row in rows])
    connection.execute(sa.delete(import_undo).where(done))
    note_progress(connection, job, runner, "undoing", kept=imports.c.kept + kept, alive_at=now)
    if rows:
        add_member_event(connection, now)
    return [row.member_id for row in rows]


def _write(
    connection: sa.Connection, job: str, lines: Sequence[MemberLine], now: int, by: str | None
) -> int:
    """Write lines of members who are each in one of them; return how many are new."""
    drafts = {line.member_id: line.draft for line in lines}
    faces = {line.member_id: line.faces for line in lines if line.faces}
    decisions = decisions_of(connection, drafts)
    theirs = faces_of_members(connection, faces)
    written = write_profiles(connection, drafts, now, by=by)
    bind_faces(connection, faces, now)
    bound = {
        member_id: [list(face) for face in found if face not in theirs[member_id]]
        for member_id, found in faces_of_members(connection, faces).items()
    }
    undo = [
        {
            "id": job,
            "member_id": member_id,
            "version": profile.version,
            "before": _stored(profile.before, decisions[member_id]),
            "bound": bound.get(member_id, []),
        }
        for member_id, profile in written.items()
    ]
    connection.execute(sa.insert(import_undo), undo)
    return sum(profile.before is None for profile in written.values())


def _stored(row: Any, decisions: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    """Return a member's profile and decisions as they are stored; None when there is none."""
    if row is None:
        return None
    return {**{name: row._mapping[name] for name in _PROFILE}, "decisions": decisions}


def _undo(connection: sa.Connection, rows: Sequence[sa.Row[Any]], now: int) -> int:
    """Have members be as before a line of each.

    Return how many stay, because somebody has written them since.
    """
    ours = members.c.member_id.in_([row.member_id for row in rows])
    query = sa.select(members).where(ours)
    current = {row.member_id: row for row in connection.execute(query)}
    mine = [
        row
        for row in rows
        if row.member_id in current and current[row.member_id].updated_at == row.version
    ]
    _unbind(connection, mine, now)
    if new := [row.member_id for row in mine if row.before is None]:
        delete_profiles(connection, *new, now=now)
    _restore(connection, [row for row in mine if row.before is not None], current, now)
    return len(rows) - len(mine)


def _unbind(connection: sa.Connection, rows: Sequence[sa.Row[Any]], now: int) -> None:
    """Unbind the FaceIds that lines have bound, as far as they are still bound."""
    theirs = faces_of_members(connection, [row.member_id for row in rows if row.bound])
    for row in rows:
        for store, face_id in row.bound:
            if (store, face_id) in theirs[row.member_id]:
                unbind_face(connection, row.member_id, (store, face_id), now)


def _restore(
    connection: sa.Connection,
    rows: Sequence[sa.Row[Any]],
    current: Mapping[str, sa.Row[Any]],
    now: int,
) -> None:
    """Write the profiles, tags and decisions that members had before."""
    before: dict[str, dict[str, Any]] = {row.member_id: row.before for row in rows}
    update_members(
        connection,
        {name: {column: was[column] for column in _PROFILE} for name, was in before.items()},
    )
    delete_tags(connection, *before)
    add_tags(connection, {name: was["tags"] for name, was in before.items()})
    replace_decisions(connection, {name: was["decisions"] for name, was in before.items()})
    with Ledger(connection) as ledger:
        for name, was in before.items():
            if is_staff(current[name].tags) != is_staff(was["tags"]):
                set_staff(connection, ledger, current[name].person, is_staff(was["tags"]))
    asked_anew = [
        current[name].person
        for name, was in before.items()
        if current[name].cross_store != was["cross_store"]
    ]
    enqueue_bindings(connection, faces_of(connection, *asked_anew), now)
