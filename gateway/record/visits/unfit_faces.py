"""Faces of strangers whom nobody would know again: counted by hour, camera and reason."""

from collections import Counter
from collections.abc import Sequence

import sqlalchemy as sa

from contract.messages.recognition import RecognizedFace
from gateway.record.upsert import insert_into
from gateway.record.visits.footfall_counts import By, Hours, bucket_of, within
from gateway.record.visits.frame import Frame
from gateway.record.visits.schema import unfit_faces


def count_unfit(connection: sa.Connection, frame: Frame, faces: Sequence[RecognizedFace]) -> None:
    """Add the unfit ones among a frame's faces to the sums of its hour."""
    reasons = Counter(face.unfit for face in faces if face.unfit is not None)
    for reason, count in sorted(reasons.items()):  # two transactions that lock rows do not cross
        statement = insert_into(connection, unfit_faces).values(
            store=frame.store,
            hour=frame.hour,
            camera=frame.camera or "",
            reason=reason,
            faces=count,
        )
        connection.execute(
            statement.on_conflict_do_update(
                index_elements=list(unfit_faces.primary_key.columns),
                set_={"faces": unfit_faces.c.faces + count},
            )
        )


def unfit_in(connection: sa.Connection, store: str | None, hours: Hours, by: By) -> dict[int, int]:
    """Return how many unfit faces each bucket has that has any. `store` None: the whole chain."""
    bucket = bucket_of(unfit_faces.c.hour, by)
    query = sa.select(bucket, sa.func.sum(unfit_faces.c.faces)).where(
        *within(unfit_faces, store, hours)
    )
    rows = connection.execute(query.group_by(bucket))
    return {int(number): int(faces) for number, faces in rows}
