"""The files beside a gallery in which its indexes are kept for the next start."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from glob import escape
from hashlib import sha256
from pathlib import Path
from typing import IO

from contract.errors import StorageUnavailable

_DRAFT = ".new"


class SnapshotFiles:
    """One file for each model; to be used from any thread.

    They hold vectors, and go with the first FaceId or template that is erased: a file that was
    begun before is not kept.
    """

    def __init__(self, gallery: Path) -> None:
        self._gallery = gallery
        self._lock = threading.Lock()
        self._deletions = 0

    def path(self, model: str) -> Path:
        """Return where the snapshot of a model's index is, or would be."""
        name = sha256(model.encode()).hexdigest()[:12]
        return self._gallery.with_name(f"{self._gallery.name}-index-{name}")

    @contextmanager
    def written(self, model: str) -> Iterator[IO[bytes]]:
        """Give a new file to write the snapshot to, which takes the former one's place at the end.

        It does not where the block raises, or `delete` was called meanwhile. Raises OSError.
        """
        with self._lock:
            deletions = self._deletions
        path = self.path(model)
        draft = path.with_name(f"{path.name}{_DRAFT}")
        try:
            with draft.open("wb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            with self._lock:
                if self._deletions == deletions:
                    draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)

    def delete(self) -> None:
        """Delete all snapshots, those that are being written, too. Raises StorageUnavailable."""
        with self._lock:
            self._deletions += 1
            self._delete("")

    def delete_drafts(self) -> None:
        """Delete what a process left that was killed, when no other one may be writing.

        Raises StorageUnavailable.
        """
        self._delete(_DRAFT)

    def _delete(self, ending: str) -> None:
        pattern = f"{escape(self._gallery.name)}-index-*{ending}"
        try:
            for path in self._gallery.parent.glob(pattern):
                path.unlink(missing_ok=True)
        except OSError as error:
            raise StorageUnavailable(f"{error.filename}: {error.strerror}") from error
