"""The index of one model, kept beside the gallery for the next start.

It is a cache of our own: whatever is wrong with it, the record is read instead.
"""

import logging
import secrets
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from contract.messages.index_status import IndexKind
from scoring.cohort import Cohort
from service.seal import own_seal
from shard.gallery.change import Change
from shard.gallery.gallery import Gallery
from shard.index.face_index import FaceIndex, IndexPiece
from shard.index.snapshot import (
    SnapshotReader,
    SnapshotSubject,
    SnapshotUnusable,
    write_snapshot,
)

log = logging.getLogger(__name__)

LEAST_KEPT = 5000
"""FaceIds from which on a snapshot is worth its file: fewer are read in a tenth of a second."""
OUTDATED_SHARE = 0.05
"""Changes since the last snapshot, as a share of the FaceIds, from which on another one is made."""
_SPARE = 2
"""Room that has to be free on the disk, times the snapshot's size: what is enrolled needs some."""
_BESIDE_VECTOR = 100
"""Bytes of a FaceId in the file beside its vector; no fewer than there are."""


class WrittenSnapshot(NamedTuple):
    """A snapshot that is on disk, and counts when the gallery knows its mark."""

    mark: str
    seq: int
    places_stored: int


@dataclass(frozen=True)
class IndexedModel:
    """What an index is of, and how it is searched.

    `checked_for` names the models whose templates may be in the gallery, and is empty where any
    may: it was looked at when the index was built that a snapshot is of.
    """

    model: str
    dimension: int
    cohort: Cohort
    kind: IndexKind
    checked_for: str


class KeptSnapshot:
    """Reads an index at start, and writes it later on."""

    def __init__(self, gallery: Gallery, model: IndexedModel) -> None:
        self._gallery = gallery
        self._files = gallery.file.snapshots
        self._model = model
        self._seq: int | None = None
        self._places_stored = 0

    def index(self) -> FaceIndex:
        """Return the index as it was kept, which may lack changes since; else an empty one.

        Raises StorageError.
        """
        mark = self._gallery.marks.of(self._model.model)
        index = None if mark is None else self._read(mark)
        if index is not None:
            self._seq, self._places_stored = index.seq, index.places_stored
            return index
        self._delete()  # who was erased since may still be in it
        return self._empty()

    def check(self, index: FaceIndex) -> None:
        """Delete the file that `index` was read from unless it is all there is.

        The process may have ended between an erasure and the snapshot's deletion. Raises
        StorageError.
        """
        if self._seq is not None and index.seq != self._seq:
            self._delete()

    def is_wanted(self, index: FaceIndex, share: float, least: int) -> bool:
        """Say whether `index` should be written.

        That is one of `least` FaceIds of which more than a `share` has changed, or has its place in
        the record since: who starts with a snapshot that lacks that stores all places once more.
        """
        if index.counts.faces < least:
            return False
        if self._seq is None or not self._files.path(self._model.model).exists():
            return True
        news = max(index.seq - self._seq, index.places_stored - self._places_stored)
        return news > share * index.counts.faces

    def write(self, index: FaceIndex, pause: Callable[[], None]) -> WrittenSnapshot | None:
        """Write `index`, from any thread; `pause` is called between pieces, and may raise.

        Return what is to be confirmed; None where it cannot be written, which is logged.
        """
        path = self._files.path(self._model.model)
        written = WrittenSnapshot(secrets.token_hex(16), index.seq, index.places_stored)
        try:
            needed = index.counts.faces * (4 * self._model.dimension + _BESIDE_VECTOR)
            if shutil.disk_usage(path.parent).free < _SPARE * needed:
                log.warning("no room on the disk for a snapshot of the index")
                return None
            with self._files.written(self._model.model) as file:
                pieces = _slowly(index.pieces(), pause)
                write_snapshot(file, self._subject(written.mark), written.seq, pieces)
        except OSError as error:
            log.warning("no snapshot of the index: %s", error)
            return None
        return written

    def confirm(self, written: WrittenSnapshot) -> None:
        """Let the gallery know a snapshot's mark. Raises StorageError."""
        self._gallery.marks.set(self._model.model, written.mark)
        self._seq, self._places_stored = written.seq, written.places_stored

    def _read(self, mark: str) -> FaceIndex | None:
        index = self._empty()
        try:
            with self._files.path(self._model.model).open("rb") as file:
                reader = SnapshotReader(file, self._subject(mark))
                for piece in reader.pieces():
                    index.put_back(piece)
        except FileNotFoundError:  # deleted with somebody's erasure
            return None
        except (OSError, SnapshotUnusable) as error:
            log.warning("the snapshot of the index is not used, the record is read: %s", error)
            return None
        # Of changes since, the record tells. Who is not whom, it tells only when that has changed.
        index.update(Change(distinctions=self._gallery.distinct_pairs()))
        index.reach(reader.seq)
        return index

    def _delete(self) -> None:
        if self._gallery.file.is_written_here:
            self._files.delete()
        self._seq = None

    def _empty(self) -> FaceIndex:
        model = self._model
        return FaceIndex(model.dimension, model.cohort, model.kind)

    def _subject(self, mark: str) -> SnapshotSubject:
        model, cohort = self._model, self._model.cohort.name or ""
        about = model.model, model.dimension, model.kind, cohort, model.checked_for
        return SnapshotSubject(*about, mark, own_seal().prefix.hex())


def _slowly(pieces: Iterator[IndexPiece], pause: Callable[[], None]) -> Iterator[IndexPiece]:
    for piece in pieces:
        yield piece
        pause()
