"""Which of a store's visitors are one person, and which FaceIds look like two people."""

import math
from collections.abc import Callable, Iterator

import numpy as np

from contract.messages.looking_again import AlikeGroup, AlikeVisitors, DividedFace
from contract.vectors import Vectors
from scoring.cohort import Places, pair_scores
from scoring.linkage import linked_groups
from scoring.score_scale import ScoreScale
from shard.index.visitor_faces import VisitorFaces

_PIECE = 25
"""FaceIds whose templates are placed at once: some 4 ms."""


def find_alike(
    visitors: VisitorFaces, scale: ScoreScale, store: str, pause: Callable[[], None]
) -> AlikeVisitors:
    """Compare all visitors with each other; `pause` is called between pieces of the work."""
    faces = visitors.oldest_first()
    rows = {face_id: row for row, face_id in enumerate(faces.face_ids)}
    apart = [(rows[a], rows[b]) for a, b in faces.distinct if a in rows and b in rows]
    linking = scale.parameters.linking
    limit, places = linking.at(len(rows)), faces.linking_places(linking)
    groups = linked_groups(faces.vectors, places, limit, apart, pause)
    return AlikeVisitors(
        store=store,
        visitors=len(rows),
        limit=limit,
        groups=[
            AlikeGroup(face_ids=[faces.face_ids[row] for row in group.rows], score=group.score)
            for group in groups
        ],
        divided=list(_divided(faces, scale, pause)),
    )


def _divided(
    faces: VisitorFaces, scale: ScoreScale, pause: Callable[[], None]
) -> Iterator[DividedFace]:
    """Yield the FaceIds whose templates fall into two parts that are hardly alike."""
    one_person = scale.parameters.one_person
    several = [
        (face_id, list(templates.values()))
        for face_id, templates in zip(faces.face_ids, faces.templates, strict=True)
        if len(templates) > 1
    ]
    for start in range(0, len(several), _PIECE):
        piece = several[start : start + _PIECE]
        vectors = np.concatenate([np.stack(own) for _, own in piece])
        places, row = scale.cohort.place(vectors), 0
        for face_id, own in piece:
            rows = np.arange(row, row := row + len(own))
            score = _score_of_parts(vectors[rows], places.of(rows), one_person)
            if score is not None:
                yield DividedFace(face_id=face_id, score=score)
        pause()


def _score_of_parts(templates: Vectors, places: Places, one_person: float) -> float | None:
    """Return the mean score of the two parts of one FaceId's templates, where it is too low."""
    if pair_scores(templates @ templates.T, places.rows, places).min() >= one_person:
        return None
    [whole] = linked_groups(templates, places, limit=-math.inf)
    return whole.score if whole.score < one_person else None
