"""Vectors that were stored without the key that is used now, or with another one."""

import sqlalchemy as sa

from service.seal import OVERHEAD, Seal
from service.sealed_columns import SealedVector
from shard.gallery.gallery_file import GalleryFile
from shard.gallery.schema import set_aside, templates

_TABLES = [(templates, templates.c.template_id), (set_aside, set_aside.c.number)]


class Resealing:
    """Stores vectors as the process would store them now, some in each transaction.

    They stay what they were: no number of the store's sequence is taken. `total` is how many were
    stored anew.
    """

    def __init__(self, file: GalleryFile, seal: Seal) -> None:
        self.total = 0
        self._file = file
        self._seal = seal
        self._left = list(_TABLES)
        self._last = 0

    def step(self, most: int) -> bool:
        """Store up to `most` vectors anew; say whether there may be others.

        Once there are none, nothing of what was there before is left in the file and beside it.
        Raises StorageError; then this step has stored nothing.
        """
        table, number = self._left[0]
        with self._file.transaction() as connection:
            rows = connection.execute(self._others(table, number).limit(most)).all()
            if rows:
                connection.execute(_renewal(table, number), [row._asdict() for row in rows])
        self.total += len(rows)
        self._last = rows[-1].this if rows else self._last
        if len(rows) < most:
            self._left, self._last = self._left[1:], 0
        if not self._left and self.total:
            self._file.scrub()
        return bool(self._left)

    def _others(self, table: sa.Table, number: sa.Column[int]) -> sa.Select[tuple[int, bytes]]:
        """Select vectors that would be stored otherwise now, in the order of their numbers."""
        stored = sa.type_coerce(table.c.vector, sa.LargeBinary)
        if self._seal.prefix:
            begins = sa.func.substr(stored, 1, len(self._seal.prefix))
            other = begins != sa.literal(self._seal.prefix, sa.LargeBinary)
        else:
            other = sa.func.length(stored) % 4 == OVERHEAD % 4
        query = sa.select(number.label("this"), table.c.vector.label("text"))
        return query.where(number > self._last, other).order_by(number)


def _renewal(table: sa.Table, number: sa.Column[int]) -> sa.Update:
    vector = sa.bindparam("text", type_=SealedVector())
    return sa.update(table).where(number == sa.bindparam("this")).values(vector=vector)
