"""How often two models of a store named the same people, as far as it was counted."""

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from contract.messages.second_model import Agreement
from shard.gallery.gallery_file import GalleryFile
from shard.gallery.schema import agreements


class Agreements:
    """Counts by the served model and the second one, each method in one transaction.

    They raise StorageFull or StorageUnavailable; then nothing was stored.
    """

    def __init__(self, file: GalleryFile) -> None:
        self._file = file

    def of(self, model: str, second: str) -> Agreement:
        """Return what was counted while `model` served and `second` was beside it."""
        query = sa.select(agreements).filter_by(model=model, second_model=second)
        with self._file.transaction() as connection:
            row = connection.execute(query).first()
        return Agreement() if row is None else Agreement.model_validate(row._asdict())

    def add(self, model: str, second: str, new: Agreement) -> None:
        """Add what was counted since."""
        counts = new.model_dump()
        row = insert(agreements).values(model=model, second_model=second, **counts)
        more = {name: agreements.c[name] + count for name, count in counts.items()}
        with self._file.transaction() as connection:
            connection.execute(row.on_conflict_do_update(set_=more))
