"""Removing erased people from recognitions, and from the answers kept for repeated frames."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from contract.messages.recognition import RecognizedFace
from gateway.record.people.face_pair import FacePair
from gateway.record.people.schema import erasure_parts
from gateway.record.prepared import Prepared
from gateway.record.visits.schema import answers

_UNKNOWN: dict[str, Any] = {
    "match": "unknown",
    "face_id": None,
    "store": None,
    "kind": None,
    "score": None,
    "distance": None,
    "member": None,
    "provisional": False,
    "visit": None,
}
"""What an answer says of an unknown face."""


def without_erased(
    connection: sa.Connection, faces: Sequence[RecognizedFace], since: int
) -> list[RecognizedFace]:
    """Return the faces, with those as unknown whose erasure is pending or was since `since`.

    A shard may have found them before it knew. The camera's store has to be locked before.
    """
    pairs = {(face.store or "", face.face_id) for face in faces if face.face_id is not None}
    pairs |= {(c.store, c.face_id) for face in faces for c in face.candidates or []}
    gone = _erased(connection, pairs, since)
    return [_without(face, gone) for face in faces] if gone else list(faces)


def redact_answers(connection: sa.Connection, faces: Iterable[FacePair]) -> None:
    """Make erased people unknown in the stored answers to frames."""
    for store, face_id in faces:
        needle = json.dumps(face_id, ensure_ascii=False).encode()
        query = sa.select(answers).where(_contains(connection, needle)).with_for_update()
        for row in connection.execute(query).all():
            body = _redacted(bytes(row.body), (store, face_id))
            this = (answers.c.store == row.store) & (answers.c.key == row.key)
            connection.execute(sa.update(answers).where(this).values(body=body))


_ERASED = Prepared(
    sa.select(erasure_parts.c.erasure).where(
        erasure_parts.c.store == sa.bindparam("store"),
        erasure_parts.c.face_id == sa.bindparam("face_id"),
        erasure_parts.c.confirmed_at.is_(None)
        | (erasure_parts.c.confirmed_at >= sa.bindparam("since")),
    )
)


def rename_in_answers(connection: sa.Connection, face: FacePair, name: str) -> None:
    """Rename a FaceId in the stored answers to frames."""
    needle = json.dumps(face[1], ensure_ascii=False).encode()
    query = sa.select(answers).where(_contains(connection, needle)).with_for_update()
    for row in connection.execute(query).all():
        answer = json.loads(bytes(row.body))
        for shown in answer["faces"]:
            for each in (shown, *(shown.get("candidates") or ())):
                if _is_face(each, face):
                    each["face_id"] = name
        this = (answers.c.store == row.store) & (answers.c.key == row.key)
        connection.execute(sa.update(answers).where(this).values(body=_as_json(answer)))


def _erased(connection: sa.Connection, pairs: Iterable[FacePair], since: int) -> set[FacePair]:
    return {
        (store, face_id)
        for store, face_id in pairs
        if _ERASED.first(connection, {"store": store, "face_id": face_id, "since": since})
    }


def _without(face: RecognizedFace, gone: set[tuple[str, str]]) -> RecognizedFace:
    kept = face.candidates and [c for c in face.candidates if (c.store, c.face_id) not in gone]
    changes: dict[str, Any] = {"candidates": kept}
    if (face.store, face.face_id) in gone:
        changes |= _UNKNOWN
    return face.model_copy(update=changes)


def _contains(connection: sa.Connection, needle: bytes) -> sa.ColumnElement[bool]:
    if connection.dialect.name == "postgresql":
        return sa.func.position(sa.literal(needle).op("in")(answers.c.body)) > 0
    return sa.func.instr(answers.c.body, sa.literal(needle)) > 0


def _redacted(body: bytes, gone: FacePair) -> bytes:
    answer = json.loads(body)
    for face in answer["faces"]:
        if face.get("candidates"):
            face["candidates"] = [c for c in face["candidates"] if not _is_face(c, gone)]
        if _is_face(face, gone):
            face.update(_UNKNOWN)
    return _as_json(answer)


def _as_json(answer: dict[str, Any]) -> bytes:
    return json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode()


def _is_face(face: dict[str, Any], gone: FacePair) -> bool:
    return (face["store"], face["face_id"]) == gone
