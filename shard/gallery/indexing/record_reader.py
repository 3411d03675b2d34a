"""What searches read of the record: who it is whom the index has found. For any thread."""

import json
import sqlite3
import threading
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

from contract import vectors as wire
from contract.errors import BadVectors, StorageDamaged, StorageUnavailable
from contract.vectors import Vector
from scoring.cohort import unit
from service.files.sqlite_file import open_file, storage_errors
from service.seal import own_seal
from shard.gallery.change import StoredFace
from shard.gallery.gallery_file import GalleryFile

_FACE = "f.face_id, f.kind, f.member_id, f.provisional, f.roams"
_FACES = (
    f"SELECT (SELECT seq FROM meta), n.value, f.seq, {_FACE}"  # noqa: S608 - columns
    " FROM json_each(?) AS n LEFT JOIN faces AS f ON f.number = n.value"
)
_TEMPLATES = (
    "SELECT t.face_id, t.template_id, t.frames, t.vector FROM json_each(?) AS n"
    " JOIN templates AS t ON t.face_id = n.value AND t.model = ? ORDER BY t.template_id"
)
_EVERYTHING = (
    f"SELECT t.template_id, t.vector, {_FACE} FROM templates AS t"  # noqa: S608 - columns
    " JOIN faces AS f ON f.face_id = t.face_id WHERE t.model = ? ORDER BY t.template_id"
)


class NumberedFaces(NamedTuple):
    """FaceIds by their numbers, as they were after the change `seq` of the store.

    Those that are not there by then are missing.
    """

    seq: int
    faces: Mapping[int, StoredFace]
    last_change: int
    """The number of the last change of one of them, or `seq` where one is missing."""


class OwnTemplates(NamedTuple):
    """Unit vectors of a FaceId's templates, and of how many pictures each is fused, by number."""

    vectors: Mapping[int, Vector]
    frames: Mapping[int, int]


class RecordReader:
    """Reads a gallery's file on connections of its own, of which each is used by one at a time.

    One stays open, no more: a process may serve a hundred galleries.
    Each method sees one state of the record. They raise StorageError, and StorageUnavailable when
    the gallery is closed.
    """

    def __init__(self, file: GalleryFile) -> None:
        self._file = file
        self._idle: sqlite3.Connection | None = None
        self._lock = threading.Lock()
        self._closed = False

    def close(self) -> None:
        """Close the connections; one that is in use is closed after it."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, None
        if idle is not None:
            idle.close()

    def faces(self, numbers: Collection[int]) -> NumberedFaces:
        """Return the FaceIds with these numbers."""
        if not numbers:
            return NumberedFaces(0, {}, 0)
        rows = self._read(_FACES, json.dumps([*numbers]))
        seq = rows[0][0]
        last = max(seq if changed is None else changed for _, _, changed, *_ in rows)
        found = {row[1]: _face(row[3:]) for row in rows if row[2] is not None}
        return NumberedFaces(seq, found, last)

    def templates_of(self, face_ids: Collection[str], model: str) -> dict[str, OwnTemplates]:
        """Return the templates of `model` of each of these FaceIds, none of unknown ones."""
        vectors: dict[str, dict[int, Vector]] = {face_id: {} for face_id in face_ids}
        frames: dict[str, dict[int, int]] = {face_id: {} for face_id in face_ids}
        for face_id, number, count, vector in self._read(
            _TEMPLATES, json.dumps([*face_ids]), model
        ):
            vectors[face_id][number] = self._vector(vector)
            frames[face_id][number] = count
        return {name: OwnTemplates(vectors[name], frames[name]) for name in vectors}

    def templates(self, model: str) -> dict[int, tuple[StoredFace, Vector]]:
        """Return every template's owner and unit vector by its number: all there are."""
        return {
            row[0]: (_face(row[2:]), self._vector(row[1])) for row in self._read(_EVERYTHING, model)
        }

    def _read(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        try:
            with storage_errors(self._file.path), self._connection() as connection:
                return connection.execute(statement, values).fetchall()
        except StorageDamaged as error:
            self._file.damage = error
            raise

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        connection = self._taken() or self._opened()
        try:
            yield connection
        finally:
            if not self._kept(connection):
                connection.close()

    def _taken(self) -> sqlite3.Connection | None:
        with self._lock:
            if self._closed:
                raise StorageUnavailable("the gallery is closed")
            idle, self._idle = self._idle, None
            return idle

    def _kept(self, connection: sqlite3.Connection) -> bool:
        with self._lock:
            if self._closed or self._idle is not None:
                return False
            self._idle = connection
            return True

    def _opened(self) -> sqlite3.Connection:
        connection = open_file(self._file.path, read_only=True)
        try:
            self._file.check()  # another file may be at its path by now
        except BaseException:  # whatever it is, the connection does not stay open
            connection.close()
            raise
        return connection

    def _vector(self, stored: bytes) -> Vector:
        packed = own_seal().open(stored)
        try:
            [vector] = wire.unpack(packed, len(packed) // 4)
        except BadVectors as error:
            raise StorageDamaged(f"{self._file.path} holds vectors that are none") from error
        return unit(vector)


def _face(row: tuple[Any, ...]) -> StoredFace:
    face_id, kind, member_id, provisional, roams = row
    return StoredFace(face_id, kind, member_id, bool(provisional), bool(roams))
