"""Entries of the audit trail: added, and read in the order of their chains."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import sqlalchemy as sa

from contract.audit_chain import Head, canonical
from contract.messages.audit.chain import ChainHead, ChainLine, ChainLines, NamedSubject
from gateway.record.audit.schema import audit, audit_subjects
from gateway.record.audit.subject import Subject
from gateway.record.audit.subject_names import erasure_of, lock_names, name_now


@dataclass(frozen=True)
class AuditRow:
    """An entry that has its place in a chain, and whom it is about, each with a salt.

    `at` is when it is written, `since` when what it tells was asked for.
    """

    entry: dict[str, Any]
    at: int
    since: int
    subjects: list[tuple[Subject, str]] = field(default_factory=list)

    @property
    def line(self) -> str:
        """The entry as table and file have it."""
        return canonical(self.entry)


def add_entries(connection: sa.Connection, rows: Sequence[AuditRow]) -> None:
    """Insert entries. Who was erased meanwhile is named by the receipt alone."""
    lock_names(connection, to_change=False)
    values = [
        {
            "writer": row.entry["writer"],
            "number": row.entry["number"],
            "at": row.at,
            "who": row.entry["who"],
            "action": row.entry["action"],
            "store": row.entry["store"],
            "entry": row.line,
        }
        for row in rows
    ]
    connection.execute(sa.insert(audit), values)
    named = [
        _named(connection, row, place, subject, salt)
        for row in rows
        for place, (subject, salt) in enumerate(row.subjects)
    ]
    if named:
        connection.execute(sa.insert(audit_subjects), named)


def chain_lines(connection: sa.Connection, writer: str, after: int, limit: int) -> ChainLines:
    """Return the entries of a chain that follow the number `after`."""
    query = sa.select(audit.c.number, audit.c.entry).where(
        audit.c.writer == writer, audit.c.number > after
    )
    rows = connection.execute(query.order_by(audit.c.number).limit(limit + 1)).all()
    page = rows[:limit]
    subjects: dict[int, list[NamedSubject]] = {row.number: [] for row in page}
    named = sa.select(audit_subjects).where(
        audit_subjects.c.writer == writer, audit_subjects.c.number.in_(subjects)
    )
    for row in connection.execute(named.order_by(audit_subjects.c.place)):
        said = None if row.said is None else json.loads(row.said)
        subject = NamedSubject(salt=row.salt, said=said, erasure=row.erasure)
        subjects[row.number].append(subject)
    return ChainLines(
        lines=[
            ChainLine(entry=json.loads(row.entry), subjects=subjects[row.number]) for row in page
        ],
        next_after=page[-1].number if len(rows) > limit else None,
    )


def lines_after(connection: sa.Connection, head: Head, limit: int) -> list[str] | None:
    """Return the lines of a chain that follow `head`; None where the record has not got that."""
    query = sa.select(audit.c.number, audit.c.entry).where(
        audit.c.writer == head.writer, audit.c.number >= head.number
    )
    rows = connection.execute(query.order_by(audit.c.number).limit(limit + 1)).all()
    if head.number == 0:
        return [row.entry for row in rows]
    if not rows or rows[0].number != head.number:
        return None
    if json.loads(rows[0].entry)["digest"] != head.digest:
        return None
    return [row.entry for row in rows[1:]]


def chain_heads(connection: sa.Connection) -> list[ChainHead]:
    """Return the last entry of each chain."""
    ends = (
        sa.select(
            audit.c.writer,
            sa.func.min(audit.c.number).label("first"),
            sa.func.max(audit.c.number).label("last"),
        )
        .group_by(audit.c.writer)
        .subquery()
    )
    query = sa.select(audit.c.writer, ends.c.first, audit.c.number, audit.c.entry).join(
        ends, (ends.c.writer == audit.c.writer) & (ends.c.last == audit.c.number)
    )
    return [
        ChainHead(
            writer=row.writer,
            first=row.first,
            number=row.number,
            digest=json.loads(row.entry)["digest"],
        )
        for row in connection.execute(query.order_by(audit.c.at.desc(), audit.c.writer))
    ]


def droppable(connection: sa.Connection, before: int, limit: int) -> list[Head]:
    """Return up to where each chain was written before a moment, at most `limit` entries of it.

    The last entry of a chain is never dropped: the next one follows it.
    """
    found = [_droppable(connection, head, before, limit) for head in chain_heads(connection)]
    return [head for head in found if head is not None]


def drop_entries(connection: sa.Connection, last: Head) -> None:
    """Drop the beginning of a chain, through the entry `last`."""
    theirs = (audit_subjects.c.writer == last.writer) & (audit_subjects.c.number <= last.number)
    connection.execute(sa.delete(audit_subjects).where(theirs))
    mine = (audit.c.writer == last.writer) & (audit.c.number <= last.number)
    connection.execute(sa.delete(audit).where(mine))


def _droppable(connection: sa.Connection, head: ChainHead, before: int, limit: int) -> Head | None:
    mine = audit.c.writer == head.writer
    young = sa.select(sa.func.min(audit.c.number)).where(mine, audit.c.at >= before)
    kept_from = connection.scalar(young) or head.number
    last = min(kept_from, head.number, head.first + limit) - 1
    text = connection.scalar(sa.select(audit.c.entry).where(mine, audit.c.number == last))
    return None if text is None else Head(head.writer, last, json.loads(text)["digest"])


def _named(
    connection: sa.Connection, row: AuditRow, place: int, subject: Subject, salt: str
) -> dict[str, Any]:
    unknown = row.entry["status"] == HTTPStatus.NOT_FOUND
    erasure = erasure_of(connection, subject, row.since, unknown=unknown)
    key = {"writer": row.entry["writer"], "number": row.entry["number"], "place": place}
    if erasure is not None:
        blank = dict.fromkeys(("store", "name", "salt", "said"))
        return {**key, "kind": subject.kind, **blank, "erasure": erasure}
    return {
        **key,
        "kind": subject.kind,
        "store": subject.store,
        "name": name_now(connection, subject, row.since),
        "salt": salt,
        "said": canonical(subject.said),
        "erasure": None,
    }
