"""The audit trail searched, the last entries first."""

import json
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from contract.errors import BadRequest
from contract.messages.audit.trail import AuditEntry, AuditPage, AuditSubject
from gateway.record.audit.schema import audit, audit_subjects


@dataclass(frozen=True)
class AuditQuery:
    """A search of the audit trail: the first `limit` entries after the place `after`.

    Times are UTC in milliseconds since 1970; `until` is the first moment that is not meant.
    """

    who: str | None = None
    action: str | None = None
    store: str | None = None
    member_id: str | None = None
    face_id: str | None = None
    erasure: str | None = None
    since: int | None = None
    until: int | None = None
    after: str | None = None
    limit: int = 100


def search_audit(connection: sa.Connection, asked: AuditQuery) -> AuditPage:
    """Return a page of the entries that a query selects. Raises BadRequest for its `after`."""
    query = sa.select(audit.c.writer, audit.c.number, audit.c.at, audit.c.entry)
    query = query.where(*_conditions(asked)).order_by(
        audit.c.at.desc(), audit.c.writer.desc(), audit.c.number.desc()
    )
    rows = connection.execute(query.limit(asked.limit + 1)).all()
    page = rows[: asked.limit]
    subjects = _subjects(connection, [(row.writer, row.number) for row in page])
    last = page[-1] if len(rows) > asked.limit else None
    return AuditPage(
        entries=[_entry(row.entry, subjects[row.writer, row.number]) for row in page],
        next_after=None if last is None else f"{last.at}.{last.number}.{last.writer}",
    )


def _conditions(asked: AuditQuery) -> list[sa.ColumnElement[bool]]:
    found = []
    if asked.who is not None:
        found.append(audit.c.who == asked.who)
    if asked.action is not None:
        this = audit.c.action == asked.action
        found.append(this | audit.c.action.startswith(f"{asked.action}.", autoescape=True))
    if asked.since is not None:
        found.append(audit.c.at >= asked.since)
    if asked.until is not None:
        found.append(audit.c.at < asked.until)
    if asked.after is not None:
        found.append(_later(asked.after))
    if asked.store is not None and asked.face_id is None:
        found.append(audit.c.store == asked.store)
    subject = audit_subjects.c
    for given, condition in (
        (asked.member_id, (subject.kind == "member") & (subject.name == asked.member_id)),
        (asked.face_id, _is_face(asked.store, asked.face_id)),
        (asked.erasure, subject.erasure == asked.erasure),
    ):
        if given is not None:
            about = sa.select(subject.writer, subject.number).where(condition)
            found.append(sa.tuple_(audit.c.writer, audit.c.number).in_(about))
    return found


def _is_face(store: str | None, face_id: str | None) -> sa.ColumnElement[bool]:
    named = (audit_subjects.c.kind == "face") & (audit_subjects.c.name == face_id)
    return named if store is None else named & (audit_subjects.c.store == store)


def _later(after: str) -> sa.ColumnElement[bool]:
    """Select what comes after a place in the order of the list."""
    try:
        at, number, writer = after.split(".", 2)
        place = (int(at), writer, int(number))
    except ValueError:
        raise BadRequest("`after` is not the `next_after` of a page") from None
    if not all(0 <= each < 2**63 for each in (place[0], place[2])):
        raise BadRequest("`after` is not the `next_after` of a page")
    return sa.tuple_(audit.c.at, audit.c.writer, audit.c.number) < sa.tuple_(
        *(sa.literal(part) for part in place)
    )


def _subjects(
    connection: sa.Connection, keys: list[tuple[str, int]]
) -> defaultdict[tuple[str, int], list[AuditSubject]]:
    found: defaultdict[tuple[str, int], list[AuditSubject]] = defaultdict(list)
    column = audit_subjects.c
    query = sa.select(audit_subjects).where(sa.tuple_(column.writer, column.number).in_(keys))
    for row in connection.execute(query.order_by(column.place)):
        subject = AuditSubject(kind=row.kind, store=row.store, id=row.name, erasure=row.erasure)
        found[row.writer, row.number].append(subject)
    return found


def _entry(text: str, subjects: list[AuditSubject]) -> AuditEntry:
    values: dict[str, Any] = json.loads(text)
    return AuditEntry(**{**values, "subjects": subjects})
