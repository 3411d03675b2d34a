"""Pictures that one of a store's two models has no template of yet."""

from typing import NamedTuple

import sqlalchemy as sa

from shard.gallery.gallery_file import GalleryFile
from shard.gallery.schema import kept_pictures, sources, templates
from shard.gallery.template_rows import (
    MINTED_QUALITY,
    NewTemplate,
    add_second,
    is_same_picture,
)


class UndescribedPicture(NamedTuple):
    """A picture: its template, the model that made that, and its FaceId.

    Its name and the SHA-256 of its file, if it came with a name; its number, under which its file
    may be kept, and whether it is.
    """

    template_id: int
    model: str
    face_id: str
    source: str | None
    digest: str | None
    number: int | None
    is_kept: bool


class UndescribedPictures:
    """Those of a gallery, each method in one transaction.

    They raise StorageFull or StorageUnavailable; then nothing was stored.
    """

    def __init__(self, file: GalleryFile) -> None:
        self._file = file

    def of(self, model: str, second: str) -> list[UndescribedPicture]:
        """Return the pictures that one of the models has a template of, and the other has not."""
        theirs, both = templates.alias(), (model, second)
        described = sa.exists().where(
            theirs.c.picture == templates.c.picture,
            theirs.c.model.in_(both),
            theirs.c.model != templates.c.model,
        )
        kept = sa.exists().where(kept_pictures.c.picture == templates.c.picture)
        query = (
            sa.select(
                templates.c.template_id,
                templates.c.model,
                templates.c.face_id,
                templates.c.source,
                sources.c.digest,
                templates.c.picture,
                kept,
            )
            .join(sources, sources.c.source == templates.c.source, isouter=True)
            .where(
                templates.c.model.in_(both),
                templates.c.learned_from.is_(None),
                templates.c.quality != MINTED_QUALITY,
                templates.c.source.is_not(None) | kept,
                ~described,
            )
            .order_by(templates.c.template_id)
        )
        with self._file.transaction() as connection:
            return [UndescribedPicture(*row) for row in connection.execute(query)]

    def describe(self, picture: UndescribedPicture, template: NewTemplate) -> bool:
        """Store the `second` vector of a picture, whose vector of the first model is the one that
        is stored; say whether it is stored.

        It is not when the picture is gone meanwhile, or the file shows another face.
        """
        query = sa.select(templates.c.face_id, templates.c.vector).where(
            templates.c.template_id == picture.template_id
        )
        with self._file.transaction() as connection:
            row = connection.execute(query).first()
            if row is None or not is_same_picture(row.vector, template.vector):
                return False
            return add_second(connection, row.face_id, picture.template_id, template)
