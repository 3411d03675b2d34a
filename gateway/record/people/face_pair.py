"""A FaceId in the whole chain: the store that is its home, and its name there."""

import sqlalchemy as sa

FacePair = tuple[str, str]
"""A FaceId: its home store, and its name there."""


def matches(table: sa.Table, face: FacePair) -> sa.ColumnElement[bool]:
    """Return the condition of the rows of `table` whose `store` and `face_id` are the FaceId's."""
    return (table.c.store == face[0]) & (table.c.face_id == face[1])
