"""How those are called now whom the audit trail is about, and who of them was erased.

Entries are written when a request has been answered, and an erasure or a rename may have come in
between. PostgreSQL lets both happen at once: a lock sees to it that one of them sees the other.
"""

from collections.abc import Sequence

import sqlalchemy as sa

from gateway.record.audit.schema import audit_subjects
from gateway.record.audit.subject import Subject
from gateway.record.people.face_pair import FacePair, matches
from gateway.record.people.schema import erasure_parts, erasures, members, renames

_LOCK = 0x61756469  # "audi"
_SLACK_MS = 60_000
"""Milliseconds by which the clocks of two gateways may differ."""


def lock_names(connection: sa.Connection, *, to_change: bool) -> None:
    """Wait until nobody changes names, or writes any, until the commit."""
    if connection.dialect.name == "postgresql":
        shared = sa.func.pg_advisory_xact_lock_shared(_LOCK)
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK) if to_change else shared))


def redact(
    connection: sa.Connection, erasure: str, member_id: str | None, faces: Sequence[FacePair]
) -> None:
    """Name a member and FaceIds in the audit trail by the receipt of their erasure alone."""
    lock_names(connection, to_change=True)
    gone: sa.ColumnElement[bool] = sa.tuple_(audit_subjects.c.store, audit_subjects.c.name).in_(
        faces
    )
    if member_id is not None:
        subject = audit_subjects.c
        gone |= (subject.kind == "member") & (subject.name == member_id)
    blank = dict.fromkeys(("store", "name", "salt", "said"))
    connection.execute(sa.update(audit_subjects).where(gone).values(erasure=erasure, **blank))


def rename_subject(connection: sa.Connection, face: FacePair, name: str) -> None:
    """Have a FaceId found in the audit trail by its new name."""
    lock_names(connection, to_change=True)
    this = sa.update(audit_subjects).where(
        audit_subjects.c.store == face[0], audit_subjects.c.name == face[1]
    )
    connection.execute(this.values(name=name))


def erasure_of(
    connection: sa.Connection, subject: Subject, since: int, *, unknown: bool
) -> str | None:
    """Return the receipt by which a subject is named that was asked for at the moment `since`.

    None for one who is not erased: somebody else may have the id by now. `unknown`: nobody had it.
    """
    if subject.kind == "member":
        asked = sa.select(erasures.c.erasure, erasures.c.requested_at).where(
            erasures.c.member_id == subject.name
        )
        known = sa.select(members.c.member_id).where(members.c.member_id == subject.name)
        unknown = unknown or connection.execute(known).first() is None
    else:
        asked = (
            sa.select(erasures.c.erasure, erasures.c.requested_at)
            .join(erasure_parts)
            .where(matches(erasure_parts, (subject.store or "", subject.name)))
        )
    row = connection.execute(asked.order_by(erasures.c.requested_at.desc()).limit(1)).first()
    if row is None or not (unknown or row.requested_at >= since - _SLACK_MS):
        return None
    return str(row.erasure)


def name_now(connection: sa.Connection, subject: Subject, since: int) -> str:
    """Return how a subject is called now that was asked for at the moment `since`."""
    if subject.kind == "member":
        return subject.name
    query = sa.select(renames.c.new_face_id).where(
        renames.c.store == subject.store,
        renames.c.face_id == subject.name,
        renames.c.done_at >= since - _SLACK_MS,
    )
    name = connection.scalar(query.order_by(renames.c.rename.desc()).limit(1))
    return subject.name if name is None else str(name)
