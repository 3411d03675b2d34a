"""The files of enrolled pictures, where the store keeps them.

A file belongs to its picture's templates, whatever model made them and whose they are by now: it
goes with the last of them, by a trigger.
"""

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from contract.messages.cluster import KeptPictureCounts
from shard.gallery.gallery_file import GalleryFile
from shard.gallery.meta_rows import next_seq
from shard.gallery.schema import kept_pictures


def keep(connection: sa.Connection, picture: int, content: bytes) -> None:
    """Keep the file of a picture, unless one is kept."""
    new = insert(kept_pictures).values(picture=picture, size=len(content), content=content)
    if connection.execute(new.on_conflict_do_nothing()).rowcount:
        next_seq(connection)


_SIZE = kept_pictures.c.size  # its index holds all that is asked for
_COUNTS = sa.select(sa.func.count(_SIZE), sa.func.coalesce(sa.func.sum(_SIZE), 0))


class KeptPictures:
    """A gallery's kept files, each method in one transaction.

    They raise StorageFull or StorageUnavailable; then nothing was stored.
    """

    def __init__(self, file: GalleryFile) -> None:
        self._file = file

    def counts(self) -> KeptPictureCounts:
        """Return how many there are, and their bytes."""
        with self._file.transaction() as connection:
            pictures, size_of_all = connection.execute(_COUNTS).one()
        return KeptPictureCounts(pictures=pictures, bytes=size_of_all)

    def content(self, picture: int) -> bytes | None:
        """Return the file of a picture; None when it is not kept."""
        query = sa.select(kept_pictures.c.content).filter_by(picture=picture)
        with self._file.transaction() as connection:
            return connection.scalar(query)

    def delete(self) -> int:
        """Delete all files, and return how many there were. Nothing of them stays on disk."""
        with self._file.transaction() as connection:
            deleted = connection.execute(sa.delete(kept_pictures)).rowcount
            if deleted:
                next_seq(connection)
        if deleted:
            self._file.scrub()
        return deleted
