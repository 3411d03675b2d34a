"""Pictures that were imported, by their names, and what came of them."""

from collections.abc import Collection

import sqlalchemy as sa

from contract.messages.faces import Source
from shard.gallery.schema import kept_pictures, sources, templates

_ENROLLED = sources.c.outcome == "enrolled"


def write_source(connection: sa.Connection, source: Source) -> None:
    """Store what came of a picture, instead of what was known about it."""
    connection.execute(sa.delete(sources).where(sources.c.source == source.source))
    connection.execute(sa.insert(sources).values(**source.model_dump()))


def read_source(connection: sa.Connection, name: str) -> Source | None:
    """Return what came of the picture called `name`; None when it was never seen."""
    row = connection.execute(sa.select(sources).where(sources.c.source == name)).first()
    return None if row is None else Source.model_validate(row._asdict())


def read_sources(connection: sa.Connection, prefix: str) -> list[Source]:
    """Return the pictures whose name starts with `prefix`, in the order of their names."""
    begins = sa.func.substr(sources.c.source, 1, len(prefix)) == prefix
    query = sa.select(sources).where(sources.c.source >= prefix, begins)
    rows = connection.execute(query.order_by(sources.c.source))
    return [Source.model_validate(row._asdict()) for row in rows]


def incomplete(
    connection: sa.Connection, models: Collection[str], keep: bool, source: str | None = None
) -> set[str]:
    """Return which pictures' names would give something if they came again: all, or `source`.

    They have templates, but not of each of `models`; or, where files are to be kept, no file.
    """
    of_models = sa.case((templates.c.model.in_(models), templates.c.model))
    is_described = sa.func.count(of_models.distinct()) >= len(models)
    is_kept = sa.func.count(kept_pictures.c.picture) > 0
    query = (
        sa.select(templates.c.source)
        .join(kept_pictures, kept_pictures.c.picture == templates.c.picture, isouter=True)
        .where(templates.c.source.is_not(None))
        .group_by(templates.c.source)
        .having(~is_described | ~is_kept if keep else ~is_described)
    )
    if source is not None:
        query = query.where(templates.c.source == source)
    return set(connection.scalars(query))


def forget_digests(connection: sa.Connection, model: str) -> int:
    """Forget the content of the pictures that only other models have templates of.

    Return how many there are.
    """
    named = sa.select(templates.c.source).where(templates.c.source.is_not(None))
    foreign, own = named.where(templates.c.model != model), named.where(templates.c.model == model)
    only_foreign = sources.c.source.in_(foreign) & sources.c.source.not_in(own)
    theirs = sa.update(sources).where(only_foreign, _ENROLLED)
    return connection.execute(theirs.values(digest="")).rowcount


def digests_of(connection: sa.Connection, face_id: str, source: str | None) -> list[str]:
    """Return the digest of a FaceId's enrolled picture, if it is known."""
    digests = sa.select(sources.c.digest).where(
        sources.c.face_id == face_id, _ENROLLED, sources.c.source == source
    )
    return [digest for digest in connection.scalars(digests) if digest]


def mark_erased(connection: sa.Connection, face_id: str) -> None:
    """Remember the enrolled pictures of a FaceId as erased."""
    theirs = sa.update(sources).where(sources.c.face_id == face_id, _ENROLLED)
    connection.execute(theirs.values(outcome="erased"))


def mark_picture_erased(
    connection: sa.Connection, face_id: str, source: str | None, digests: Collection[str]
) -> None:
    """Remember a FaceId's enrolled pictures of this name or these contents as erased."""
    named = (sources.c.source == source) | sources.c.digest.in_(digests)
    theirs = sa.update(sources).where(sources.c.face_id == face_id, _ENROLLED, named)
    connection.execute(theirs.values(outcome="erased"))
