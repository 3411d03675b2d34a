"""An index as a file: what a start would otherwise read of the record and compute.

A file of checked records. The first one is JSON and says what it is of, the others are pieces of
the index: a byte for the partition, and a row for each FaceId.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from itertools import chain
from typing import IO

import numpy as np

from scoring.cohort import Places
from service.files.checked_records import FileDamaged, read_records, write_records
from service.seal import own_seal
from shard.gallery.change import PARTITIONS
from shard.index.face_index import IndexPiece
from shard.index.face_states import STATE
from shard.index.indexed_vectors import IndexedVectors

_FORMAT = 1
"""Another one where a file is made otherwise, or what is in it means something else."""


class SnapshotUnusable(Exception):
    """A snapshot is damaged, or of something else; its text says why."""


@dataclass(frozen=True)
class SnapshotSubject:
    """What a snapshot is of: where any of it differs, it is of no use.

    An index of another `kind` may hold vectors otherwise. `cohort` is the name of the strangers
    whom places are among, and `checked_for` says of which models all others' templates were looked
    for. `sealed_by` names the key with which its pieces are encrypted, if they are. `mark` is a
    word that the gallery keeps of its last snapshot: a file that has another one is of another
    gallery, or of a time that this gallery never had.
    """

    model: str
    dimension: int
    kind: str
    cohort: str
    checked_for: str
    mark: str
    sealed_by: str
    format: int = _FORMAT


def write_snapshot(
    file: IO[bytes], subject: SnapshotSubject, seq: int, pieces: Iterable[IndexPiece]
) -> None:
    """Write an index that has all changes up to the number `seq`. Raises OSError."""
    about = json.dumps({**asdict(subject), "seq": seq}).encode()
    row = _row(subject.dimension)
    seal = own_seal()
    write_records(file, chain([about], (seal.seal(_packed(piece, row)) for piece in pieces)))


class SnapshotReader:
    """Reads a snapshot; `seq` is the number up to which all changes are in it."""

    def __init__(self, file: IO[bytes], expected: SnapshotSubject) -> None:
        """Read what the file is of. Raises SnapshotUnusable, and OSError."""
        self._row = _row(expected.dimension)
        self._sealed = bool(expected.sealed_by)
        self._records = _undamaged(file)
        found = json.loads(next(self._records, b"{}"))
        for name, value in asdict(expected).items():
            if found.get(name) != value:
                raise SnapshotUnusable(f"its {name} is another one")
        self.seq: int = found["seq"]

    def pieces(self) -> Iterator[IndexPiece]:
        """Yield all pieces. Raises SnapshotUnusable, before what is damaged, and OSError."""
        for record in map(self._opened, self._records):
            rows = np.frombuffer(record, self._row, offset=1)
            places = Places(rows["mean"], rows["deviation"])
            indexed = IndexedVectors(rows["number"], rows["vector"], places)
            yield IndexPiece(PARTITIONS[record[0]], indexed, rows["state"])

    def _opened(self, record: bytes) -> bytes:
        return own_seal().unseal(record) if self._sealed else record


def _row(dimension: int) -> np.dtype[np.void]:
    return np.dtype(
        [
            ("number", "<i8"),
            ("mean", "<f4"),
            ("deviation", "<f4"),
            ("state", STATE),
            ("vector", "<f4", (dimension,)),
        ]
    )


def _packed(piece: IndexPiece, row: np.dtype[np.void]) -> bytes:
    numbers, vectors, places = piece.indexed
    rows = np.empty(len(numbers), row)
    rows["number"], rows["vector"], rows["state"] = numbers, vectors, piece.states
    rows["mean"], rows["deviation"] = places
    return bytes([PARTITIONS.index(piece.partition)]) + rows.tobytes()


def _undamaged(file: IO[bytes]) -> Iterator[bytes]:
    try:
        yield from read_records(file)
    except FileDamaged as error:
        raise SnapshotUnusable("it is damaged") from error
