"""The names of FaceIds while renames are under way: a shard may use the former or the new one."""

from collections.abc import Iterable, Sequence

import sqlalchemy as sa

from contract.errors import Conflict
from contract.messages.recognition import RecognizedFace
from gateway.record.people.face_pair import FacePair
from gateway.record.people.rename_updates import SELECT_RENAMES, is_pending_rename
from gateway.record.people.schema import renames
from gateway.record.prepared import Prepared

_TRANSIT_MS = 60_000
"""Milliseconds for which a shard's answer may be on its way: it may have the former name."""


def with_current_names(
    connection: sa.Connection, faces: Sequence[RecognizedFace], now: int
) -> list[RecognizedFace]:
    """Return the faces under the names of the record: a shard may use the other one for a moment.

    While a rename is pending the former name counts, after it the new one.
    """
    names = _names_in_transit(connection, now)
    if not names:
        return list(faces)
    return [
        face.model_copy(update={"face_id": names.get((face.store, face.face_id), face.face_id)})
        for face in faces
    ]


def check_name_not_in_transit(
    connection: sa.Connection, face: FacePair, now: int, whose: str | None = None
) -> None:
    """Raise Conflict while answers of shards may use this name for another FaceId.

    The FaceId `whose` it was may have it back.
    """
    check_names_not_in_transit(connection, [face], now, whose)


def check_names_not_in_transit(
    connection: sa.Connection, faces: Iterable[FacePair], now: int, whose: str | None = None
) -> None:
    """Raise Conflict while that is so of one of these names; see `check_name_not_in_transit`."""
    names = _names_in_transit(connection, now)
    for face in faces:
        other = names.get(face)
        if other not in {None, whose}:
            raise Conflict(
                f"{face[1]!r} is a name of {other!r}, who has just been renamed: try again in"
                f" {_TRANSIT_MS // 1000} s"
            )


def _names_in_transit(
    connection: sa.Connection, now: int
) -> dict[tuple[str | None, str | None], str]:
    """Return the name in the record for each name that shards may use for a moment."""
    names: dict[tuple[str | None, str | None], str] = {}
    for row in _RECENT.all(connection, {"since": now - _TRANSIT_MS}):
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


_RECENT = Prepared(
    SELECT_RENAMES.where(
        is_pending_rename() | (renames.c.done_at >= sa.bindparam("since"))
    ).order_by(renames.c.rename)
)
