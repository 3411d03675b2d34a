"""Faces and search results as messages of the contract."""

import math

from contract.messages.by_kind import ByKind
from contract.messages.face import Box, Candidate
from encoder import Face
from shard.index.hit import Hit


def box_of(face: Face) -> Box:
    """Return a face's bounding box, in pixels of the picture."""
    return Box(**face.box._asdict())


def candidates_of(hits: list[Hit], store: str, needed: ByKind[float]) -> list[Candidate]:
    """Return one face's `hits` in `store`; those pass who match at the score their kind needs."""
    return [_candidate_of(hit, store, hit.passes(hits, needed)) for hit in hits]


def finite_threshold(threshold: float) -> float | None:
    """Return the threshold for a message: None when nothing was searched and it is infinite."""
    return threshold if math.isfinite(threshold) else None


def _candidate_of(hit: Hit, store: str, passes: bool) -> Candidate:
    face = hit.face
    return Candidate(
        face_id=face.face_id,
        store=store,
        kind=face.kind,
        score=hit.score,
        distance=hit.distance,
        passes=passes,
        member=face.member,
        provisional=face.provisional,
    )
