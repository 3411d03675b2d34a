"""The statements of a gallery, each within a transaction that the gallery holds."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import numpy as np
import sqlalchemy as sa

from contract import vectors as wire
from contract.errors import StorageForeign
from contract.messages.faces import Source
from contract.messages.message import Kind, Outcome
from contract.vectors import Vector
from scoring.cohort import unit
from shard.gallery import pictures as gallery_pictures
from shard.gallery.change import Change, StoredFace, StoredTemplate
from shard.gallery.schema import distinctions, faces, meta, sources, templates, tombstones

MOST_TEMPLATES = 5
"""Of one FaceId: more of them gain little and cost every search."""
MINTED_QUALITY = 0.0
"""Of a vector that a camera's frame gave: whatever is enrolled is better."""
_SAME_PICTURE = 0.1
"""L2 distance within which two vectors are of one picture, saved again or in another size. Of
different photographs of one person in LFW the nearest are .107 apart (docs/accuracy.md)."""
_PIECE = 20_000
"""Templates read at once when a whole gallery is loaded: 10 MB of 128-dimensional vectors."""


@dataclass(frozen=True, eq=False)
class NewTemplate:
    """A face vector to store, what made it, and the picture it is from (its name and SHA-256)."""

    vector: Vector
    model: str
    quality: float
    source: str | None = None
    digest: str | None = None


class EnrollResult(NamedTuple):
    """What came of a template that was to be stored: what kind its FaceId is, and its number."""

    kind: Kind
    outcome: Outcome
    template_id: int


@dataclass(frozen=True, eq=False)
class StoredVector:
    """A vector of a FaceId."""

    face_id: str
    vector: Vector


def claim(connection: sa.Connection, store: str, path: Path) -> None:
    """Make a new gallery that of `store`. Raises StorageForeign when it is another's."""
    if connection.scalar(sa.select(meta.c.store)) is None:
        connection.execute(sa.insert(meta).values(store=store, seq=0, imported=False))
    check_owner(connection, store, path)


def check_owner(connection: sa.Connection, store: str, path: Path) -> None:
    """Raise StorageForeign when the gallery is another store's."""
    owner = connection.scalar(sa.select(meta.c.store))
    if owner != store:
        raise StorageForeign(f"{path} is the gallery of store {owner!r}, not of {store!r}")


def read_face(connection: sa.Connection, face_id: str) -> StoredFace | None:
    """Return the FaceId as it is stored, if it is."""
    row = connection.execute(_FACES.where(faces.c.face_id == face_id)).first()
    return None if row is None else StoredFace(*row)


def write_face(connection: sa.Connection, face: StoredFace, new: bool) -> None:
    """Store a FaceId, new or altered."""
    values = {
        "seq": next_seq(connection),
        "kind": face.kind,
        "member_id": face.member_id,
        "provisional": face.provisional,
        "roams": face.roams,
    }
    if new:
        made = sa.insert(faces).values(face_id=face.face_id, created_at=now(), **values)
        connection.execute(made)
    else:
        known = faces.c.face_id == face.face_id
        connection.execute(sa.update(faces).where(known).values(**values))


def same_picture(connection: sa.Connection, face_id: str, template: NewTemplate) -> int | None:
    """Return the template of a FaceId that is of the same picture as a new one, if there is one.

    The vector of a frame, which was minted, is no enrolled picture's.
    """
    query = sa.select(templates.c.template_id, templates.c.vector).where(
        templates.c.face_id == face_id,
        templates.c.model == template.model,
        templates.c.quality != MINTED_QUALITY,
    )
    new = unit(template.vector)
    for template_id, vector in connection.execute(query.order_by(templates.c.template_id)):
        [known] = wire.unpack(vector, len(vector) // 4)
        if len(known) == len(new) and np.linalg.norm(unit(known) - new) < _SAME_PICTURE:
            return int(template_id)
    return None


def name_source(connection: sa.Connection, template_id: int, source: str) -> None:
    """Note which picture a template is of, unless that is known."""
    this = (templates.c.template_id == template_id) & templates.c.source.is_(None)
    connection.execute(sa.update(templates).where(this).values(source=source))


def write_template(connection: sa.Connection, face_id: str, template: NewTemplate) -> int:
    """Store a face vector of a FaceId that is stored, and return its number.

    No more than MOST_TEMPLATES are kept: the weakest of the others makes room; of equally weak ones
    the oldest.
    """
    stored = connection.execute(
        sa.insert(templates).values(
            face_id=face_id,
            seq=next_seq(connection),
            vector=wire.pack(template.vector),
            model=template.model,
            source=template.source,
            quality=template.quality,
            created_at=now(),
        )
    )
    assert stored.inserted_primary_key is not None
    number = int(stored.inserted_primary_key[0])
    _make_room(connection, face_id, template.model, [number])
    return number


def _make_room(connection: sa.Connection, face_id: str, model: str, staying: Sequence[int]) -> None:
    """Bury what a FaceId has beyond MOST_TEMPLATES of a model, the weakest, but none of `staying`.

    Of equally weak ones the oldest.
    """
    best_first = _strongest(face_id, model, templates.c.template_id.in_(staying).desc())
    weakest = connection.scalars(best_first.limit(-1).offset(MOST_TEMPLATES)).all()
    if weakest:
        remove_templates(connection, templates.c.template_id.in_(weakest))


def _strongest(face_id: str, model: str, *before: sa.UnaryExpression[bool]) -> sa.Select[int]:
    """Select a FaceId's templates of a model, the strongest and newest first, `before` all that."""
    return (
        sa.select(templates.c.template_id)
        .where(templates.c.face_id == face_id, templates.c.model == model)
        .order_by(*before, templates.c.quality.desc(), templates.c.template_id.desc())
    )


def write_source(connection: sa.Connection, source: Source) -> None:
    """Store what came of a picture, instead of what was known about it."""
    connection.execute(sa.delete(sources).where(sources.c.source == source.source))
    connection.execute(sa.insert(sources).values(**source.model_dump()))


def remove_templates(connection: sa.Connection, which: sa.ColumnElement[bool]) -> int:
    """Remove the templates that `which` selects, leave their tombstones, and return how many."""
    ids = connection.scalars(sa.select(templates.c.template_id).where(which)).all()
    for template_id in ids:
        grave = sa.insert(tombstones).values(template_id=template_id, seq=next_seq(connection))
        connection.execute(grave)
    connection.execute(sa.delete(templates).where(which))
    return len(ids)


def erase_template(connection: sa.Connection, face_id: str, template_id: int) -> None:
    """Remove a template of a FaceId; its picture, under whatever names, is remembered as erased."""
    this = (templates.c.face_id == face_id) & (templates.c.template_id == template_id)
    source = sa.select(templates.c.source).where(this).scalar_subquery()
    enrolled = (sources.c.face_id == face_id) & (sources.c.outcome == "enrolled")
    content = sa.select(sources.c.digest).where(enrolled, sources.c.source == source)
    digests = [digest for digest in connection.scalars(content) if digest]
    gallery_pictures.erase_template(connection, face_id, template_id, digests)
    named = (sources.c.source == source) | sources.c.digest.in_(digests)
    connection.execute(sa.update(sources).where(enrolled & named).values(outcome="erased"))
    remove_templates(connection, this)


def erase(connection: sa.Connection, face_id: str) -> int:
    """Remove a FaceId with its templates, and return how many it had."""
    removed = remove_templates(connection, templates.c.face_id == face_id)
    connection.execute(sa.delete(faces).where(faces.c.face_id == face_id))
    enrolled = (sources.c.face_id == face_id) & (sources.c.outcome == "enrolled")
    connection.execute(sa.update(sources).where(enrolled).values(outcome="erased"))
    pairs = (distinctions.c.face_id == face_id) | (distinctions.c.other_face_id == face_id)
    connection.execute(sa.delete(distinctions).where(pairs))
    return removed


def provisional(connection: sa.Connection, limit: int) -> list[StoredVector]:
    """Return the vectors of the first `limit` provisional FaceIds."""
    first = sa.select(faces.c.face_id).where(faces.c.provisional).order_by(faces.c.face_id)
    query = sa.select(templates.c.face_id, templates.c.vector).where(
        templates.c.face_id.in_(first.limit(limit))
    )
    rows = connection.execute(query.order_by(templates.c.face_id, templates.c.template_id))
    return [
        StoredVector(face_id, wire.unpack(vector, len(vector) // 4)[0]) for face_id, vector in rows
    ]


def give(connection: sa.Connection, template_ids: Sequence[int], face_id: str) -> None:
    """Make templates those of another FaceId, and keep no more than MOST_TEMPLATES of it.

    The strongest of those that come and of those that were there stay: both sides live on.
    """
    for template_id in template_ids:
        moved = sa.update(templates).where(templates.c.template_id == template_id)
        connection.execute(moved.values(face_id=face_id, seq=next_seq(connection)))
    come = templates.c.template_id.in_(template_ids)
    models = sa.select(templates.c.model).where(templates.c.face_id == face_id).distinct()
    for model in connection.scalars(models).all():
        best = _strongest(face_id, model).limit(1)
        sides = (connection.scalars(best.where(side)).first() for side in (come, ~come))
        _make_room(connection, face_id, model, [number for number in sides if number is not None])


def write_distinction(connection: sa.Connection, face_id: str, other: str) -> None:
    """Store who is not whom, unless that is known."""
    values = {"face_id": face_id, "other_face_id": other}
    reverse = (distinctions.c.face_id == other) & (distinctions.c.other_face_id == face_id)
    connection.execute(sa.delete(distinctions).where(reverse))
    known = sa.select(distinctions).filter_by(**values)
    if connection.execute(known).first() is None:
        seq = next_seq(connection)
        connection.execute(sa.insert(distinctions).values(seq=seq, **values))


def drop_empty_faces(connection: sa.Connection) -> None:
    """Remove the FaceIds that lost their last template to another one."""
    theirs = sa.select(templates.c.face_id).where(templates.c.face_id == faces.c.face_id)
    connection.execute(sa.delete(faces).where(~theirs.exists()))


def last_seq(connection: sa.Connection) -> int:
    """Return the number of the last change."""
    seq: int = connection.execute(sa.select(meta.c.seq)).scalar_one()
    return seq


def changes(connection: sa.Connection, after: int, model: str) -> Iterator[Change]:
    """Yield what happened after the number `after` to the templates of `model` and their FaceIds.

    It is one change; only when everything is read (`after` is 0), the templates come in pieces.
    """
    removed = connection.scalars(
        sa.select(tombstones.c.template_id).where(tombstones.c.seq > after)
    ).all()
    foreign = foreign_templates(connection, model, after)
    shown = sa.exists().where(templates.c.face_id == faces.c.face_id, templates.c.model == model)
    altered = _FACES.where(faces.c.seq > after, shown)
    changed = [StoredFace(*row) for row in connection.execute(altered)]
    rows = connection.execute(_TEMPLATES.where(templates.c.seq > after, templates.c.model == model))
    apart = _distinctions(connection, after, any_removed=bool(removed))
    if after:
        yield Change(removed, changed, *_stacked(rows.all()), foreign, apart)
        return
    yield Change(faces=changed, foreign=foreign, distinctions=apart)
    for piece in rows.partitions(_PIECE):
        yield Change([], [], *_stacked(piece))


def _distinctions(
    connection: sa.Connection, after: int, *, any_removed: bool
) -> list[tuple[str, str]] | None:
    """Return who is not whom, unless it is as it was at the number `after`.

    Pairs go with a FaceId that is erased or renamed, and leave nothing behind.
    """
    last = connection.scalar(sa.select(sa.func.max(distinctions.c.seq))) or 0
    if after and not any_removed and last <= after:
        return None
    pairs = sa.select(distinctions.c.face_id, distinctions.c.other_face_id)
    return [(face_id, other) for face_id, other in connection.execute(pairs)]


def foreign_templates(connection: sa.Connection, model: str, after: int = 0) -> dict[str, int]:
    """Return how many templates newer than `after` other models have made, by their names."""
    number = sa.func.count().label("templates")
    rows = connection.execute(
        sa.select(templates.c.model, number)
        .where(templates.c.seq > after, templates.c.model != model)
        .group_by(templates.c.model)
    )
    return {row.model: row.templates for row in rows}


def forget_digests(connection: sa.Connection, model: str) -> int:
    """Forget the content of the pictures whose templates other models made; return how many."""
    theirs = sa.select(templates.c.source).where(templates.c.model != model)
    of_them = sources.c.source.in_(theirs.where(templates.c.source.is_not(None)))
    enrolled = of_them & (sources.c.outcome == "enrolled")
    return connection.execute(sa.update(sources).where(enrolled).values(digest="")).rowcount


_FACES = sa.select(
    faces.c.face_id, faces.c.kind, faces.c.member_id, faces.c.provisional, faces.c.roams
)
_TEMPLATES = sa.select(templates.c.template_id, templates.c.face_id, templates.c.vector).order_by(
    templates.c.template_id
)


def _stacked(rows: Sequence[tuple[int, str, bytes]]) -> tuple[list[StoredTemplate], wire.Vectors]:
    if not rows:
        return [], np.empty((0, 0), np.float32)
    added = [StoredTemplate(template_id, face_id) for template_id, face_id, _ in rows]
    joined = b"".join(vector for _, _, vector in rows)
    return added, wire.unpack(joined, len(rows[0][2]) // 4)


def next_seq(connection: sa.Connection) -> int:
    """Take the next number of the store's sequence."""
    step = sa.update(meta).values(seq=meta.c.seq + 1).returning(meta.c.seq)
    seq: int = connection.execute(step).scalar_one()
    return seq


def now() -> str:
    """Return the moment as the tables have it."""
    return stored_moment(datetime.now(UTC))


def stored_moment(moment: datetime) -> str:
    """Return a moment in UTC as the tables have it, where the earlier is the lesser text."""
    return moment.isoformat(timespec="milliseconds")
