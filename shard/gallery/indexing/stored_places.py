"""Places of the mean vectors among the cohort, kept because a start takes long to tell them."""

from collections.abc import Collection
from hashlib import sha256

from scoring.cohort import Places
from shard.gallery.change import FaceNumbers
from shard.gallery.gallery_file import GalleryFile

_STORE = (
    "INSERT OR REPLACE INTO places (number, placing, seq, mean, deviation)"
    " SELECT number, ?, seq, ?, ? FROM faces WHERE number = ? AND seq <= ?"
)
"""In SQLite's own words, and so is the next one: to put them together for every place, of which a
store may have a million, takes longer than to run them."""
_REMOVE = "DELETE FROM places WHERE number = ? AND placing NOT IN ({})"


def placing_number(model: str, cohort: str) -> int:
    """Return the number by which places among the cohort of this name are known: 63 bits."""
    return int.from_bytes(sha256(f"{model}\n{cohort}".encode()).digest()[:8]) >> 1


class StoredPlaces:
    """Each method in one transaction. It raises StorageError; then nothing was stored.

    A place is told from the templates that the FaceId had at some change: after the next one it
    does not count.
    """

    def __init__(self, file: GalleryFile) -> None:
        self._file = file

    def store(
        self,
        numbers: FaceNumbers,
        placed: Places,
        placing: int,
        used: Collection[int],
        seq: int,
    ) -> None:
        """Store the places of FaceIds as they were at the change `seq`, if they still are so.

        Those of placings that are not `used` any more are removed.
        """
        if not len(numbers):
            return
        pairs = zip(numbers.tolist(), placed.pairs, strict=True)
        rows = [(placing, mean, deviation, number, seq) for number, (mean, deviation) in pairs]
        unused = [(number, *used) for number in numbers.tolist()]
        with self._file.transaction() as connection:
            connection.exec_driver_sql(_REMOVE.format(", ".join("?" * len(used))), unused)
            connection.exec_driver_sql(_STORE, rows)
