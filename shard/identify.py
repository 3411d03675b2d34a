"""Who is in a picture: encode it, then search this store's faces."""

from dataclasses import dataclass

import numpy as np

from contract import request_id
from contract.deadline import Deadline
from contract.errors import NoFace
from contract.messages import (
    Box,
    Candidate,
    CompareAnswer,
    EncodeAnswer,
    EncodedFace,
    ShardAnswer,
    ShardFace,
    ShardTiming,
    score_of,
)
from contract.vectors import to_text
from encoder import Face
from shard.face_index import Hit
from shard.service import Service


@dataclass(frozen=True)
class Question:
    """What is asked about a picture.

    `candidates` best FaceIds of each face are shown whether or not they match; `vectors` shows the
    vectors of the faces that nobody matches; a match is at most `max_distance` away.
    """

    max_distance: float
    candidates: int = 0
    vectors: bool = False


async def recognise(
    service: Service, picture: bytes, question: Question, deadline: Deadline
) -> ShardAnswer:
    """Return every face of the picture, largest first, and who of this store it is."""
    collection = service.complete_collection()
    with service.metrics.stage("total") as total:
        with service.metrics.stage("encode") as encode:
            faces = await service.encoder.encode(picture, deadline)
        with service.metrics.stage("search") as search:
            hits: list[list[Hit]] = []
            if faces:
                vectors = np.stack([face.vector for face in faces])
                k = max(1, question.candidates)
                hits = await service.threads.search(deadline, collection.search, vectors, k)
        seen = [
            _identified(face, found, service.store.id, question)
            for face, found in zip(faces, hits, strict=True)
        ]
    return ShardAnswer(
        result=seen[0].face_id if seen else None,
        store=service.store.id,
        model=service.encoder.model,
        faces=seen,
        timing_ms=ShardTiming(encode=encode.ms, search=search.ms, total=total.ms),
        request_id=request_id.current.get(),
    )


async def encode(service: Service, picture: bytes, deadline: Deadline) -> EncodeAnswer:
    """Return the faces and their vectors, for a gateway whose home shard is down."""
    with service.metrics.stage("encode") as span:
        faces = await service.encoder.encode(picture, deadline)
    encoded = [
        EncodedFace(box=box_of(face), quality=face.quality, vector=to_text(face.vector))
        for face in faces
    ]
    return EncodeAnswer(model=service.encoder.model, faces=encoded, encode_ms=span.ms)


async def compare(
    service: Service, pictures: tuple[bytes, bytes], deadline: Deadline
) -> CompareAnswer:
    """Say whether the largest faces of two pictures are one person. Raises NoFace."""
    first, second = [await _largest(service, picture, deadline) for picture in pictures]
    distance = float(np.linalg.norm(first.vector - second.vector))
    limit = service.store.max_distance
    return CompareAnswer(
        same=distance <= limit, score=score_of(distance), distance=distance, max_distance=limit
    )


def candidate_of(hit: Hit, store: str) -> Candidate:
    """Return the message for a FaceId that was found in `store`."""
    card = hit.card
    return Candidate(
        face_id=card.face_id,
        store=store,
        kind=card.kind,
        score=score_of(hit.distance),
        distance=hit.distance,
        member=card.member,
        provisional=card.provisional,
    )


def box_of(face: Face) -> Box:
    """Return the message for a face's place."""
    return Box(**face.box._asdict())


async def _largest(service: Service, picture: bytes, deadline: Deadline) -> Face:
    with service.metrics.stage("encode"):
        faces = await service.encoder.encode(picture, deadline)
    if not faces:
        raise NoFace("one of the pictures shows no face")
    return faces[0]


def _identified(face: Face, hits: list[Hit], store: str, question: Question) -> ShardFace:
    shown = [candidate_of(hit, store) for hit in hits]
    box = box_of(face)
    candidates = shown if question.candidates else None
    if not shown or shown[0].distance > question.max_distance:
        vector = to_text(face.vector) if question.vectors else None
        return ShardFace(box=box, match="unknown", candidates=candidates, vector=vector)
    best = shown[0]
    return ShardFace(
        box=box,
        match="home",
        face_id=best.face_id,
        kind=best.kind,
        score=best.score,
        distance=best.distance,
        member=best.member,
        provisional=best.provisional,
        candidates=candidates,
    )
