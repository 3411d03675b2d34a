"""FaceIds that get another name: first in their shard, then in everything that the record has.

A rename is noted before the shard is told, and stays open until the record has followed: whatever
ends in between, the duty that tells shards brings it to its end.
"""

from collections.abc import Sequence
from typing import NamedTuple

import sqlalchemy as sa

from contract.errors import Conflict, FaceExists
from contract.messages.recognition import RecognizedFace
from gateway.record.people.bindings import known_person, order_for, tell
from gateway.record.people.erasures import merged_into
from gateway.record.people.persons import FacePair, lock_persons, move_faces
from gateway.record.people.redaction import rename_in_answers
from gateway.record.people.schema import (
    distinctions,
    enrollments,
    erasure_parts,
    face_tasks,
    identities,
    merges,
    renames,
)
from gateway.record.prepared import Prepared
from gateway.record.visits.ledger import Ledger
from gateway.record.visits.schema import tracks, visits

_UNDER_WAY = 60_000
"""Milliseconds for which a shard's answer may be on its way: it may have the former name."""


class Renaming(NamedTuple):
    """That a FaceId of a store gets another name. `refusal`: why its shard did not do it."""

    number: int
    store: str
    face_id: str
    name: str
    done_at: int | None
    refusal: str | None


def note_rename(connection: sa.Connection, face: FacePair, name: str, now: int) -> int:
    """Note that a FaceId is to get a name, and return the number of the note.

    Raises FaceExists when the record knows the name, Conflict when one of the two is being erased
    or renamed, or was merged into another FaceId, which can be undone, and when another FaceId gave
    the name up just now.
    """
    new = (face[0], name)
    if known_person(connection, new) is not None:
        raise FaceExists(f"there was a FaceId {name!r} in {face[0]} already")
    for pair in (face, new):
        _check_settled(connection, pair)
    check_not_given_up(connection, new, now, whose=face[1])
    values = {"store": face[0], "face_id": face[1], "new_face_id": name, "at": now}
    key = connection.execute(sa.insert(renames).values(values)).inserted_primary_key
    assert key is not None
    return int(key[0])


def _check_settled(connection: sa.Connection, face: FacePair) -> None:
    erased = (erasure_parts.c.store == face[0]) & (erasure_parts.c.face_id == face[1])
    merged = (merges.c.from_store == face[0]) & (merges.c.from_face_id == face[1])
    named = (renames.c.face_id == face[1]) | (renames.c.new_face_id == face[1])
    promised = (enrollments.c.store == face[0]) & (enrollments.c.face_id == face[1])
    for query, what in (
        (
            sa.select(erasure_parts.c.store).where(erased, erasure_parts.c.confirmed_at.is_(None)),
            "is being erased",
        ),
        (
            sa.select(merges.c.merge).where(merged, merges.c.undone_at.is_(None)),
            "was merged into another FaceId, which can be undone",
        ),
        (sa.select(enrollments.c.enrollment).where(promised), "is being enrolled"),
        (
            sa.select(renames.c.rename).where(renames.c.store == face[0], named, _open()),
            "is being renamed",
        ),
    ):
        if connection.execute(query).first() is not None:
            raise Conflict(f"{face[1]!r} {what}")


def read_rename(connection: sa.Connection, number: int) -> Renaming:
    """Return a rename."""
    row = connection.execute(_RENAMES.where(renames.c.rename == number)).one()
    return Renaming(*row)


def stores_with_renames(connection: sa.Connection) -> list[str]:
    """Return the stores whose shards have to be told."""
    return list(connection.scalars(sa.select(renames.c.store).distinct().where(_open())))


def rename_tasks(connection: sa.Connection, store: str, limit: int) -> list[Renaming]:
    """Return the first `limit` renames of a store that are not done."""
    query = _RENAMES.where(renames.c.store == store, _open()).order_by(renames.c.rename)
    return [Renaming(*row) for row in connection.execute(query.limit(limit))]


def rename_refused(connection: sa.Connection, task: Renaming, refusal: str) -> None:
    """Note that the shard did not do it: nothing has changed."""
    this = sa.update(renames).where(renames.c.rename == task.number)
    connection.execute(this.values(refusal=refusal))


def rename_done(connection: sa.Connection, task: Renaming, now: int) -> None:
    """Call a FaceId in all of the record as its shard calls it from now on."""
    face, new = (task.store, task.face_id), (task.store, task.name)
    person = known_person(connection, face)
    order_for(connection, *([] if person is None else [person]), now=now)
    if person is not None:
        _rename_in_merges(connection, person, face, new)
        _rename_person(connection, person, face, new)
    for store, face_id in (
        (visits.c.home_store, visits.c.face_id),
        (tracks.c.home_store, tracks.c.face_id),
        (face_tasks.c.store, face_tasks.c.face_id),
        (distinctions.c.store, distinctions.c.face_id),
        (distinctions.c.other_store, distinctions.c.other_face_id),
    ):
        altered = sa.update(store.table).where(store == face[0], face_id == face[1])
        connection.execute(altered.values({face_id.name: new[1]}))
    rename_in_answers(connection, face, new[1])
    this = sa.update(renames).where(renames.c.rename == task.number)
    connection.execute(this.values(done_at=now))
    if person is not None:
        tell(connection, known_person(connection, new) or person, now)


def _rename_person(connection: sa.Connection, person: int, face: FacePair, new: FacePair) -> None:
    """Call an identity otherwise; one that was bound under the new name meanwhile is the person."""
    now_known = known_person(connection, new)
    mine = (identities.c.store == face[0]) & (identities.c.face_id == face[1])
    if now_known is None:
        connection.execute(sa.update(identities).where(mine).values(face_id=new[1]))
        return
    if now_known != person:
        with Ledger(connection) as ledger:
            lock_persons(connection, person, now_known)
            move_faces(connection, ledger, [face], source=person, into=now_known)
    connection.execute(sa.delete(identities).where(mine))


def _rename_in_merges(
    connection: sa.Connection, person: int, face: FacePair, new: FacePair
) -> None:
    for row in connection.execute(sa.select(merges).where(merged_into(connection, person))).all():
        values = {
            "faces": [list(new) if tuple(pair) == face else pair for pair in row.faces],
            "into_face_id": _renamed((row.into_store, row.into_face_id), face, new),
            "from_face_id": _renamed((row.from_store, row.from_face_id), face, new),
        }
        connection.execute(sa.update(merges).where(merges.c.merge == row.merge).values(values))


def _renamed(pair: tuple[str | None, str | None], face: FacePair, new: FacePair) -> str | None:
    return new[1] if pair == face else pair[1]


def by_their_names(
    connection: sa.Connection, faces: Sequence[RecognizedFace], now: int
) -> list[RecognizedFace]:
    """Return the faces as the record calls them: a shard may have another name for a moment.

    While a rename is open the former name counts, after it the new one.
    """
    names = _other_names(connection, now)
    if not names:
        return list(faces)
    return [
        face.model_copy(update={"face_id": names.get((face.store, face.face_id), face.face_id)})
        for face in faces
    ]


def check_not_given_up(
    connection: sa.Connection, face: FacePair, now: int, whose: str | None = None
) -> None:
    """Raise Conflict when a shard's answer under this name may be about somebody else still.

    The FaceId `whose` it was may have it back.
    """
    other = _other_names(connection, now).get(face)
    if other not in {None, whose}:
        raise Conflict(
            f"{face[1]!r} is a name of {other!r}, who has just been renamed: try again in"
            f" {_UNDER_WAY // 1000} s"
        )


def _other_names(connection: sa.Connection, now: int) -> dict[tuple[str | None, str | None], str]:
    """Return by which other names shards may call FaceIds for a moment, and their own."""
    names: dict[tuple[str | None, str | None], str] = {}
    for row in _RECENT.all(connection, {"since": now - _UNDER_WAY}):
        former, new = (row.store, row.face_id), (row.store, row.new_face_id)
        if not row.done_at:
            names[new] = former[1]
            continue
        for pair, name in names.items():
            if pair[0] == row.store and name == former[1]:
                names[pair] = new[1]
        names[former] = new[1]
        names.pop(new, None)
    return names


def _open() -> sa.ColumnElement[bool]:
    return renames.c.done_at.is_(None) & renames.c.refusal.is_(None)


_RENAMES = sa.select(
    *(
        renames.c[name]
        for name in ("rename", "store", "face_id", "new_face_id", "done_at", "refusal")
    )
)
_RECENT = Prepared(
    _RENAMES.where(_open() | (renames.c.done_at >= sa.bindparam("since"))).order_by(
        renames.c.rename
    )
)
