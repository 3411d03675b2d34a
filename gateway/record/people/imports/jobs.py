"""Imports as jobs: begun, sent in parts, claimed by a gateway, ended."""

import uuid
from typing import Any

import sqlalchemy as sa

from contract.errors import BodyTooLarge, Conflict, ImportEnded, ImportRunning, NotFound
from contract.messages.imports.import_job import ACTIVE, ImportJob, ImportState
from contract.messages.member_table import RefusedLine
from gateway.clock.clock import iso
from gateway.record.people.imports.schema import import_parts, import_undo, imports
from gateway.record.scope import CHAIN
from gateway.record.store_locks import lock_stores

IDLE = 30_000
"""Milliseconds after which another gateway goes on with what nobody has worked on."""
_UNSENT = 600_000
"""Milliseconds for which an import waits for its next part."""
_REMEMBERED = 30 * 24 * 3_600_000
"""Milliseconds for which an import that has ended is listed."""
_LISTED = 100
_IN_WORK = ("checking", "writing", "undoing")


class ImportTaken(Exception):
    """Somebody else has changed the state of an import that a gateway works on."""


def begin(
    connection: sa.Connection,
    body: bytes,
    *,
    partial: bool,
    more: bool,
    key: str | None,
    now: int,
    deadline_at: int,
) -> str:
    """Begin an import with the first part of its table, and return it. Raises ImportRunning."""
    lock_stores(connection, CHAIN)
    _forget(connection, now)
    running = sa.select(imports.c.id).where(imports.c.state.in_(ACTIVE))
    if (other := connection.scalar(running)) is not None:
        raise ImportRunning(f"the import {other} is not done yet")
    made = uuid.uuid4().hex
    counts = dict.fromkeys(("checked", "written", "created", "updated", "refused", "kept"), 0)
    statement = sa.insert(imports).values(
        id=made,
        state="receiving" if more else "checking",
        partial=partial,
        key=key,
        parts=1,
        bytes=len(body),
        created_at=now,
        deadline=deadline_at,
        refused_lines=[],
        alive_at=now if more else 0,
        **counts,
    )
    connection.execute(statement)
    connection.execute(sa.insert(import_parts).values(id=made, part=1, body=body))
    return made


def add_part(
    connection: sa.Connection,
    job: str,
    part: int,
    body: bytes,
    *,
    more: bool,
    most: int,
    now: int,
) -> None:
    """Add the next part of a table of at most so many bytes; one that is there changes nothing.

    Raises NotFound, ImportEnded, Conflict for a part that is not the next one, and BodyTooLarge.
    """
    row = _row(connection, job, lock=True)
    if 0 < part <= row.parts:
        return
    if row.state != "receiving":
        raise ImportEnded(f"the import {job} is {row.state}: it takes no further part")
    if part != row.parts + 1:
        raise Conflict(f"the next part of the import {job} is {row.parts + 1}")
    if row.bytes + len(body) > most:
        raise BodyTooLarge(f"a table has at most {most} bytes")
    connection.execute(sa.insert(import_parts).values(id=job, part=part, body=body))
    values: dict[str, Any] = {"parts": part, "bytes": row.bytes + len(body), "alive_at": now}
    if not more:
        values |= {"state": "checking", "alive_at": 0}
    connection.execute(sa.update(imports).where(imports.c.id == job).values(values))


def read_import(connection: sa.Connection, job: str) -> ImportJob:
    """Return an import. Raises NotFound."""
    return _job(_row(connection, job))


def list_imports(connection: sa.Connection) -> list[ImportJob]:
    """Return the last imports, the newest first, without their wrong lines."""
    query = sa.select(imports).order_by(imports.c.number.desc()).limit(_LISTED)
    jobs = [_job(row) for row in connection.execute(query)]
    return [job.model_copy(update={"refused_lines": []}) for job in jobs]


def cancel(connection: sa.Connection, job: str, now: int) -> None:
    """Have an import end without effect. Raises NotFound and ImportEnded."""
    row = _row(connection, job, lock=True)
    if row.state not in ACTIVE:
        raise ImportEnded(f"the import {job} is {row.state}")
    stop(connection, job, row.state, outcome="cancelled", reason=None, now=now)


def stop(
    connection: sa.Connection,
    job: str,
    state: str,
    *,
    outcome: ImportState,
    reason: str | None,
    now: int,
) -> None:
    """Have an import in `state` end without effect: at once, or by undoing what was written.

    Raises ImportTaken when it is in another state by now.
    """
    values: dict[str, Any] = {"state": outcome, "ended_at": now, "reason": reason}
    if state in {"writing", "undoing"}:
        values = {"state": "undoing", "outcome": outcome, "reason": reason}
    _change(connection, (imports.c.id == job) & (imports.c.state == state), values)


def is_work_left(connection: sa.Connection) -> bool:
    """Say whether there is an import that has not ended, or something left of one that has."""
    left = (
        sa.exists().where(imports.c.state.in_(ACTIVE)),
        sa.exists(sa.select(import_parts.c.part)),
        sa.exists(sa.select(import_undo.c.undo)),
    )
    return bool(connection.scalar(sa.select(sa.or_(*left))))


def claim(connection: sa.Connection, runner: str, now: int) -> sa.Row[Any] | None:
    """Return the import that a gateway is to work on, if there is one; it is this one's then."""
    lock_stores(connection, CHAIN)
    unsent = (imports.c.state == "receiving") & (imports.c.alive_at < now - _UNSENT)
    values = {"state": "late", "ended_at": now, "reason": "the rest of the table never came"}
    connection.execute(sa.update(imports).where(unsent).values(values))
    free = (imports.c.runner == runner) | (imports.c.alive_at < now - IDLE)
    query = sa.select(imports).where(imports.c.state.in_(_IN_WORK), free)
    row = connection.execute(query).first()
    if row is not None:
        this = imports.c.number == row.number
        connection.execute(sa.update(imports).where(this).values(runner=runner, alive_at=now))
    return row


def note_progress(
    connection: sa.Connection, job: str, runner: str, during: str, /, **values: Any
) -> None:
    """Note how far a gateway is with an import. Raises ImportTaken when it is not its any more."""
    this = (imports.c.id == job) & (imports.c.runner == runner) & (imports.c.state == during)
    _change(connection, this, values)


def end_undone(connection: sa.Connection, job: str, runner: str, now: int) -> None:
    """Note that all of an import is undone. Raises ImportTaken."""
    values = {"state": imports.c.outcome, "ended_at": now, "created": 0, "updated": 0}
    note_progress(connection, job, runner, "undoing", **values)


def read_part(connection: sa.Connection, job: str, part: int) -> bytes:
    """Return a part of a table."""
    this = (import_parts.c.id == job) & (import_parts.c.part == part)
    return bytes(connection.execute(sa.select(import_parts.c.body).where(this)).scalar_one())


def tidy(connection: sa.Connection, most: int) -> bool:
    """Delete some of what imports needed that have ended; return whether there was anything."""
    active = sa.select(imports.c.id).where(imports.c.state.in_(ACTIVE))
    part = sa.select(import_parts.c.id, import_parts.c.part).where(~import_parts.c.id.in_(active))
    found = connection.execute(part.limit(1)).first()
    if found is not None:
        this = (import_parts.c.id == found.id) & (import_parts.c.part == found.part)
        connection.execute(sa.delete(import_parts).where(this))
    old = sa.select(import_undo.c.undo).where(~import_undo.c.id.in_(active)).limit(most)
    gone = connection.execute(sa.delete(import_undo).where(import_undo.c.undo.in_(old))).rowcount
    return found is not None or gone > 0


def _change(
    connection: sa.Connection, this: sa.ColumnElement[bool], values: dict[str, Any]
) -> None:
    if not connection.execute(sa.update(imports).where(this).values(values)).rowcount:
        raise ImportTaken


def _forget(connection: sa.Connection, now: int) -> None:
    old = imports.c.ended_at < now - _REMEMBERED
    connection.execute(sa.delete(imports).where(old))


def _row(connection: sa.Connection, job: str, *, lock: bool = False) -> sa.Row[Any]:
    query = sa.select(imports).where(imports.c.id == job)
    row = connection.execute(query.with_for_update() if lock else query).first()
    if row is None:
        raise NotFound(f"there is no import {job!r}")
    return row


def _job(row: sa.Row[Any]) -> ImportJob:
    return ImportJob(
        id=row.id,
        state=row.state,
        partial=row.partial,
        parts=row.parts,
        created_at=iso(row.created_at),
        deadline=iso(row.deadline),
        ended_at=None if row.ended_at is None else iso(row.ended_at),
        lines=row.lines,
        checked=row.checked,
        written=row.written,
        created=row.created,
        updated=row.updated,
        refused=row.refused,
        refused_lines=[RefusedLine(**line) for line in row.refused_lines],
        kept=row.kept,
        reason=row.reason,
    )
