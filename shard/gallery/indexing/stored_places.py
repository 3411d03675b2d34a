"""Places of the mean vectors among the cohort, kept because a start takes long to tell them."""

from collections.abc import Collection
from hashlib import sha256

import sqlalchemy as sa

from scoring.cohort import Places
from shard.gallery.change import FaceNumbers
from shard.gallery.gallery_file import GalleryFile
from shard.gallery.schema import places

_STORE = sa.text(
    "INSERT OR REPLACE INTO places (number, placing, seq, mean, deviation)"
    " SELECT number, :placing, seq, :mean, :deviation FROM faces"
    " WHERE number = :number AND seq <= :seq"
)


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
        concerned = [{"number": number} for number in numbers.tolist()]
        rows = [
            {**each, "placing": placing, "mean": mean, "deviation": deviation, "seq": seq}
            for each, (mean, deviation) in zip(concerned, placed.pairs, strict=True)
        ]
        theirs = places.c.number == sa.bindparam("number")
        unused = sa.delete(places).where(theirs, *(places.c.placing != each for each in used))
        with self._file.transaction() as connection:
            connection.execute(unused, concerned)
            connection.execute(_STORE, rows)
