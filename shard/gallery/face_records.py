"""FaceIds with their templates, as messages."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from contract.messages.face import MemberCard
from contract.messages.faces import FacePage, FaceRecord, Template
from shard.gallery.schema import faces, templates

_TEMPLATES = sa.select(
    *(column for column in templates.c if column.name not in {"vector", "picture"})
).order_by(templates.c.template_id)


def face_record(connection: sa.Connection, store: str, face_id: str) -> FaceRecord | None:
    """Return one FaceId and its templates, without the vectors; None when there is none."""
    found = _records(connection, store, sa.select(faces).where(faces.c.face_id == face_id))
    return found[0] if found else None


def known_faces(connection: sa.Connection, face_ids: Sequence[str]) -> list[str]:
    """Return those of the FaceIds that there are, in the order of their names."""
    query = sa.select(faces.c.face_id).where(faces.c.face_id.in_(face_ids))
    return list(connection.scalars(query.order_by(faces.c.face_id)))


def face_page(connection: sa.Connection, store: str, after: str, limit: int) -> FacePage:
    """Return the first `limit` FaceIds after the name `after`."""
    query = sa.select(faces).where(faces.c.face_id > after).order_by(faces.c.face_id)
    found = _records(connection, store, query.limit(limit + 1))
    page = found[:limit]
    return FacePage(faces=page, next_after=page[-1].face_id if len(found) > limit else None)


def _records(connection: sa.Connection, store: str, query: sa.Select[Any]) -> list[FaceRecord]:
    rows = connection.execute(query).all()
    owned: dict[str, list[Template]] = {row.face_id: [] for row in rows}
    for row in connection.execute(_TEMPLATES.where(templates.c.face_id.in_(owned))):
        owned[row.face_id].append(Template.model_validate(row._asdict()))
    return [_record(row, store, owned[row.face_id]) for row in rows]


def _record(row: sa.Row[Any], store: str, owned: list[Template]) -> FaceRecord:
    return FaceRecord(
        face_id=row.face_id,
        store=store,
        kind=row.kind,
        member=MemberCard(member_id=row.member_id) if row.member_id else None,
        provisional=row.provisional,
        cross_store=row.roams,
        created_at=row.created_at,
        templates=owned,
    )
