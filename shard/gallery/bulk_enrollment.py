"""Many templates at once, each as if it were enrolled by itself: most are of new FaceIds, or known.

One by one a template takes a dozen statements; new FaceIds together take three, and one tells which
templates are there already, because the same file is imported a second time.
"""

from collections import Counter
from collections.abc import Iterator, Sequence

import sqlalchemy as sa

from contract import vectors as wire
from shard.gallery import pictures
from shard.gallery.enrollment import EnrollResult, enroll, new_face
from shard.gallery.face_rows import face_values
from shard.gallery.meta_rows import next_number, next_seq
from shard.gallery.moments import now
from shard.gallery.schema import faces, sources, templates
from shard.gallery.schema import pictures as picture_rows
from shard.gallery.template_rows import MINTED_QUALITY, NewTemplate, template_values

NamedTemplate = tuple[str, NewTemplate]
_NAMES = 500
"""FaceIds in one question: SQLite takes no more than some thousand parameters."""
_OTHERS = templates.alias()
_SINGLE = (
    sa.select(
        faces.c.face_id,
        faces.c.kind,
        templates.c.template_id,
        templates.c.model,
        templates.c.vector,
        picture_rows.c.digest,
    )
    .join(templates, templates.c.face_id == faces.c.face_id)
    .join(
        picture_rows,
        (picture_rows.c.template_id == templates.c.template_id)
        & (picture_rows.c.named == faces.c.face_id)
        & (picture_rows.c.face_id == faces.c.face_id),
    )
    .where(
        ~picture_rows.c.erased,
        ~faces.c.provisional,
        templates.c.quality != MINTED_QUALITY,
        templates.c.learned_from.is_(None),
        templates.c.picture.is_not(None),
        ~sa.exists().where(
            _OTHERS.c.face_id == faces.c.face_id,
            _OTHERS.c.template_id != templates.c.template_id,
        ),
        ~sa.exists().where(
            sources.c.face_id == faces.c.face_id,
            sources.c.digest == picture_rows.c.digest,
            sources.c.outcome == "erased",
        ),
    )
)
"""FaceIds with one template, which an enrolment of the same picture would leave as it is."""
_LAST_TEMPLATE = sa.text("SELECT seq FROM sqlite_sequence WHERE name = 'templates'")


def enroll_all(
    connection: sa.Connection, new: Sequence[NamedTemplate]
) -> list[EnrollResult | None]:
    """Store templates that have digests, and no sources; None: somebody erased has it.

    Raises BadRequest for a new FaceId that looks minted, and AlreadyBound.
    """
    names = Counter(face_id for face_id, _ in new)
    known = _known(connection, list(names))
    fresh = [each for each in new if names[each[0]] == 1 and each[0] not in known]
    stored = dict(zip((name for name, _ in fresh), _insert(connection, fresh), strict=True))
    again = [each for each in new if names[each[0]] == 1 and each[0] in known]
    stored.update(_unchanged(connection, again))
    return [stored.get(name) or _enroll(connection, name, template) for name, template in new]


def _known(connection: sa.Connection, names: Sequence[str]) -> set[str]:
    """Return the FaceIds that the gallery has, or had when they were erased."""
    return {name for some in _pieces(names) for name in _known_of(connection, some)}


def _known_of(connection: sa.Connection, names: Sequence[str]) -> Iterator[str]:
    for column in (faces.c.face_id, picture_rows.c.named, sources.c.face_id):
        yield from connection.scalars(sa.select(column).where(column.in_(names)))


def _unchanged(
    connection: sa.Connection, new: Sequence[NamedTemplate]
) -> Iterator[tuple[str, EnrollResult]]:
    """Yield the FaceIds whose one template is the very one that comes again."""
    given = dict(new)
    for names in _pieces([*given]):
        for row in connection.execute(_SINGLE.where(faces.c.face_id.in_(names))):
            template = given[row.face_id]
            if template.second is None and (row.digest, row.model, row.vector) == (
                template.digest,
                template.model,
                wire.pack(template.vector),
            ):
                yield row.face_id, EnrollResult(row.kind, "unchanged", row.template_id)


def _pieces(names: Sequence[str]) -> Iterator[Sequence[str]]:
    return (names[start : start + _NAMES] for start in range(0, len(names), _NAMES))


def _insert(connection: sa.Connection, fresh: Sequence[NamedTemplate]) -> list[EnrollResult]:
    """Store new FaceIds with a template each."""
    if not fresh:
        return []
    count, made = len(fresh), {"created_at": now()}
    first_seq = next_seq(connection, 2 * count) - 2 * count + 1
    first_number = next_number(connection, count) - count + 1
    first_template = (connection.scalar(_LAST_TEMPLATE) or 0) + 1
    ids = [{"template_id": first_template + n} for n in range(count)]
    face_rows = [
        {
            **face_values(new_face(name)),
            **made,
            "face_id": name,
            "number": first_number + n,
            "seq": first_seq + 2 * n + 1,
        }
        for n, (name, _) in enumerate(fresh)
    ]
    connection.execute(sa.insert(faces), face_rows)
    template_rows = [
        {
            **template_values(*each),
            **made,
            **ids[n],
            "picture": first_template + n,
            "seq": first_seq + 2 * n,
        }
        for n, each in enumerate(fresh)
    ]
    connection.execute(sa.insert(templates), template_rows)
    noted = [
        {"named": name, "digest": template.digest, "face_id": name, "erased": False, **ids[n]}
        for n, (name, template) in enumerate(fresh)
    ]
    connection.execute(sa.insert(picture_rows), noted)
    return [EnrollResult("member", "enrolled", first_template + n) for n in range(count)]


def _enroll(connection: sa.Connection, face_id: str, template: NewTemplate) -> EnrollResult | None:
    """Store a template and its digest, unless somebody who was erased had it for this FaceId."""
    assert template.digest is not None, "by which it is known again"
    if pictures.is_erased(connection, face_id, template.digest):
        return None
    result = enroll(connection, face_id, template, None, None)
    pictures.note(connection, face_id, template.digest, result.template_id)
    return result
