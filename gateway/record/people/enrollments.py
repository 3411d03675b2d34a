"""Enrolments that name a member, from before the shard stores the face until the record has both.

The record decides which member a FaceId is bound to, before anything is stored. Meanwhile the
FaceId is reserved: no other member can be bound to it. An enrolment that was interrupted stays in
the table and is finished later.
"""

from typing import NamedTuple

import sqlalchemy as sa

from contract.errors import AlreadyBound
from gateway.record.people.binding_updates import enqueue_bindings
from gateway.record.people.bindings import bind_face, check_not_promised
from gateway.record.people.face_pair import FacePair
from gateway.record.people.identities import find_person
from gateway.record.people.members import ensure_member, find_member_of
from gateway.record.people.schema import enrollments, face_tasks
from gateway.record.scope import CHAIN
from gateway.record.store_locks import lock_stores


class Enrollment(NamedTuple):
    """A FaceId of a store that is about to be a member's; `until` it is done, in ms since 1970."""

    enrollment: str
    store: str
    face_id: str
    member_id: str
    until: int

    @property
    def face(self) -> FacePair:
        """The FaceId."""
        return self.store, self.face_id


def begin_enrollment(connection: sa.Connection, enrollment: Enrollment) -> bool:
    """Reserve a FaceId for an enrolment; return whether a binding of it is undelivered.

    Raises AlreadyBound when it is, or is about to be, another member's.
    """
    lock_stores(connection, CHAIN)
    person = find_person(connection, enrollment.face)
    owner = None if person is None else find_member_of(connection, person)
    if owner not in {None, enrollment.member_id}:
        raise AlreadyBound(
            f"the FaceId {enrollment.face_id!r} of {enrollment.store} is bound to member {owner!r}"
        )
    check_not_promised(connection, {enrollment.face: enrollment.member_id})
    connection.execute(sa.insert(enrollments).values(enrollment._asdict()))
    noted = sa.exists().where(
        face_tasks.c.store == enrollment.store, face_tasks.c.face_id == enrollment.face_id
    )
    return bool(connection.execute(sa.select(noted)).scalar_one())


def finish_enrollment(connection: sa.Connection, enrollment: Enrollment, now: int) -> None:
    """Bind the FaceId to the member, now that the shard has it. Raises AlreadyBound."""
    withdraw_enrollment(connection, enrollment)
    ensure_member(connection, enrollment.member_id, now)
    bind_face(connection, enrollment.member_id, enrollment.face, now)


def withdraw_enrollment(connection: sa.Connection, enrollment: Enrollment) -> None:
    """Delete an enrolment that the shard has refused."""
    this = enrollments.c.enrollment == enrollment.enrollment
    connection.execute(sa.delete(enrollments).where(this))


def abandon_enrollment(connection: sa.Connection, enrollment: Enrollment, now: int) -> None:
    """Delete an enrolment whose FaceId became another member's, and enqueue the true binding."""
    withdraw_enrollment(connection, enrollment)
    enqueue_bindings(connection, [enrollment.face], now)


def overdue_enrollments(connection: sa.Connection, now: int) -> list[Enrollment]:
    """Return the enrolments whose request is over without having finished them."""
    query = sa.select(enrollments).where(enrollments.c.until < now)
    return [Enrollment(*row) for row in connection.execute(query.order_by(enrollments.c.until))]
