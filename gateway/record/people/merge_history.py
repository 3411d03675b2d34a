"""The merges that have made a person, which name FaceIds and are changed with them."""

import sqlalchemy as sa

from gateway.record.people.face_pair import FacePair
from gateway.record.people.schema import merges


def delete_merges_of(connection: sa.Connection, person: int) -> None:
    """Delete the merges that have made a person: they cannot be undone any more."""
    connection.execute(sa.delete(merges).where(merges_of(connection, person)))


def remove_from_merges(connection: sa.Connection, person: int, face: FacePair) -> None:
    """Remove one FaceId from a person's merges; the others can still be undone."""
    theirs = merges_of(connection, person)
    for row in connection.execute(sa.select(merges).where(theirs)).all():
        this = merges.c.merge == row.merge
        kept = [pair for pair in row.faces if tuple(pair) != face]
        if face in {(row.into_store, row.into_face_id), (row.from_store, row.from_face_id)}:
            connection.execute(sa.delete(merges).where(this))
        elif len(kept) < len(row.faces):
            connection.execute(sa.update(merges).where(this).values(faces=kept))


def merges_of(connection: sa.Connection, person: int) -> sa.ColumnElement[bool]:
    """Select the merges that have made a person, directly or through other persons."""
    whole = {person}
    while True:
        query = sa.select(merges.c.from_person).where(merges.c.into_person.in_(whole))
        found = whole | set(connection.scalars(query))
        if found == whole:
            return merges.c.into_person.in_(whole) | merges.c.from_person.in_(whole)
        whole = found


def rename_in_merges(connection: sa.Connection, person: int, face: FacePair, new: FacePair) -> None:
    """Rename a FaceId in a person's merges."""
    for row in connection.execute(sa.select(merges).where(merges_of(connection, person))).all():
        values = {
            "faces": [list(new) if tuple(pair) == face else pair for pair in row.faces],
            "into_face_id": _renamed((row.into_store, row.into_face_id), face, new),
            "from_face_id": _renamed((row.from_store, row.from_face_id), face, new),
        }
        connection.execute(sa.update(merges).where(merges.c.merge == row.merge).values(values))


def _renamed(pair: tuple[str | None, str | None], face: FacePair, new: FacePair) -> str | None:
    return new[1] if pair == face else pair[1]
