"""The marks by which a gallery knows the snapshots of its indexes."""

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from shard.gallery.gallery_file import GalleryFile
from shard.gallery.schema import snapshots


class SnapshotMarks:
    """One for each model, each method in one transaction. They raise StorageError.

    A mark is stored after everything that is in its snapshot. So a gallery that has the mark, also
    one that was restored from a copy, has all of that, too.
    """

    def __init__(self, file: GalleryFile) -> None:
        self._file = file

    def of(self, model: str) -> str | None:
        """Return the mark of the last snapshot of a model's index."""
        query = sa.select(snapshots.c.mark).where(snapshots.c.model == model)
        with self._file.transaction() as connection:
            mark: str | None = connection.scalar(query)
        return mark

    def set(self, model: str, mark: str) -> None:
        """Store the mark of a snapshot: the former one does not count from now on."""
        row = insert(snapshots).values(model=model, mark=mark)
        with self._file.transaction() as connection:
            connection.execute(row.on_conflict_do_update(set_={"mark": mark}))
