"""Who is in a picture: encode it, then search this store's faces."""

import asyncio
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from contract.deadline import Deadline
from contract.errors import NoFace
from contract.messages.face import Box, Candidate
from contract.messages.message import Place
from contract.messages.recognition import CompareAnswer
from contract.messages.shard_answers import (
    EncodeAnswer,
    EncodedFace,
    ShardAnswer,
    ShardFace,
    ShardTiming,
)
from contract.stores.detection import Detection
from contract.vectors import Vectors, to_text
from encoder import Face
from scoring.cohort import Cohort, pair_scores
from scoring.threshold import threshold
from service import request_id
from shard.faces.tracks import Sighting, TrackKey
from shard.index.collection import Collection
from shard.index.face_index import Hit
from shard.service import Service


@dataclass(frozen=True)
class Question:
    """What is asked about a picture, or about pictures of one person.

    A share `rate` of strangers may pass for somebody; `detection` says how faces are looked for.
    `candidates` best FaceIds of each face are shown whether or not they match; `vectors` shows the
    vectors, and their places, of the faces that other stores may know better; frames of one `track`
    are fused. The vectors that it shall `remember` are kept for a while, under names in the answer.
    """

    rate: float
    detection: Detection
    candidates: int = 0
    vectors: bool = False
    track: TrackKey | None = None
    remember: bool = False


async def recognize(
    service: Service, pictures: Sequence[bytes], question: Question, deadline: Deadline
) -> ShardAnswer:
    """Return every face of the picture, largest first, and who of this store it is.

    Several pictures are frames of one person: the faces are those of the last picture with a face,
    that person's first.
    """
    collection = service.complete_collection()
    with service.metrics.stage("total") as total:
        with service.metrics.stage("encode") as encode:
            frames = await _encode(service, pictures, question.detection, deadline)
        sightings = service.tracks.sightings(question.track, frames, service.cohort)
        with service.metrics.stage("search") as search:
            looked: list[_Looked] = []
            if sightings:
                k = max(1, question.candidates)
                looked = await service.threads.search(
                    deadline, _look, sightings, collection, service.cohort, k
                )
        seen = [
            _identified(
                face,
                service.store.id,
                collection.threshold(question.rate, face.sighting.frames),
                question,
            )
            for face in looked
        ]
    if question.remember:
        seen = [
            face.model_copy(
                update={"sighting": service.sightings.keep(one.sighting.vector, face.face_id)}
            )
            for face, one in zip(seen, looked, strict=True)
        ]
    return ShardAnswer(
        result=seen[0].face_id if seen else None,
        store=service.store.id,
        model=service.encoder.model,
        cohort=service.cohort.name,
        faces=seen,
        timing_ms=ShardTiming(encode=encode.ms, search=search.ms, total=total.ms),
        request_id=request_id.current.get(),
    )


async def encode(
    service: Service, pictures: Sequence[bytes], detection: Detection, deadline: Deadline
) -> EncodeAnswer:
    """Return the faces and their vectors, for a gateway whose home shard is down."""
    with service.metrics.stage("encode") as span:
        frames = await _encode(service, pictures, detection, deadline)
    places: list[Place] = []
    if sightings := service.tracks.sightings(None, frames, service.cohort):
        vectors = _vectors(sightings)
        places = (await service.threads.search(deadline, service.cohort.place, vectors)).pairs
    return EncodeAnswer(
        model=service.encoder.model,
        cohort=service.cohort.name,
        faces=[
            EncodedFace(
                box=box_of(sighting.face),
                quality=sighting.face.quality,
                vector=to_text(sighting.vector),
                place=place,
                track=sighting.track,
            )
            for sighting, place in zip(sightings, places, strict=True)
        ],
        encode_ms=span.ms,
    )


async def compare(
    service: Service, pictures: tuple[bytes, bytes], deadline: Deadline
) -> CompareAnswer:
    """Say whether the largest faces of two pictures are one person. Raises NoFace."""
    frames = await _encode(service, pictures, service.store.detection, deadline)
    if not all(frames):
        raise NoFace("one of the pictures shows no face")
    first, second = (faces[0].vector for faces in frames)
    places = service.cohort.place(np.stack([first, second]))
    cosine = np.array([first @ second])
    score = float(pair_scores(cosine, places.of(np.array([0])), places.of(np.array([1])))[0])
    needed = threshold(1, service.store.threshold)
    return CompareAnswer(
        same=score >= needed,
        score=score,
        threshold=needed,
        distance=float(np.linalg.norm(first - second)),
    )


def candidates_of(hits: list[Hit], store: str, needed: float) -> list[Candidate]:
    """Return the messages for FaceIds that were found in `store`, where a score is `needed`."""
    return [_candidate_of(hit, store, hit.passes(hits, needed)) for hit in hits]


def _candidate_of(hit: Hit, store: str, passes: bool) -> Candidate:
    card = hit.card
    return Candidate(
        face_id=card.face_id,
        store=store,
        kind=card.kind,
        score=hit.score,
        distance=hit.distance,
        passes=passes,
        member=card.member,
        provisional=card.provisional,
    )


def shown_threshold(needed: float) -> float | None:
    """Return the threshold for a message: none when nothing was searched."""
    return needed if math.isfinite(needed) else None


def box_of(face: Face) -> Box:
    """Return the message for a face's place."""
    return Box(**face.box._asdict())


async def _encode(
    service: Service, pictures: Sequence[bytes], detection: Detection, deadline: Deadline
) -> list[list[Face]]:
    """Return the faces of each picture."""
    encoding = (service.encoder.encode(picture, deadline, detection) for picture in pictures)
    return await asyncio.gather(*encoding)


class _Looked(NamedTuple):
    """A face, its place among strangers, and whom it was found to be like."""

    sighting: Sighting
    place: Place
    hits: list[Hit]


def _look(
    sightings: Sequence[Sighting], collection: Collection, cohort: Cohort, k: int
) -> list[_Looked]:
    """Search one face or more."""
    vectors = _vectors(sightings)
    places = cohort.place(vectors)
    hits = collection.search(vectors, k, places=places)
    return [_Looked(*face) for face in zip(sightings, places.pairs, hits, strict=True)]


def _vectors(sightings: Sequence[Sighting]) -> Vectors:
    return np.stack([sighting.vector for sighting in sightings])


def _identified(looked: _Looked, store: str, needed: float, question: Question) -> ShardFace:
    sighting, place, hits = looked
    shown = candidates_of(hits, store, needed)
    best = next((candidate for candidate in shown if candidate.passes), None)
    known = best.model_dump(exclude={"store", "passes"}) if best else {}
    with_vector = question.vectors and _is_open(sighting, best)
    return ShardFace(
        box=box_of(sighting.face),
        match="home" if best else "unknown",
        threshold=shown_threshold(needed),
        track=sighting.track,
        candidates=shown if question.candidates else None,
        vector=to_text(sighting.vector) if with_vector else None,
        place=place if with_vector else None,
        **known,
    )


def _is_open(sighting: Sighting, best: Candidate | None) -> bool:
    """Say whether other stores may know better who it is.

    Whom the first frame of a track named is much like the track for as long as that frame counts
    in it: a member of another store, seen badly at first, would stay a stranger.
    """
    return best is None or (best.kind == "visitor" and sighting.frames > 1)
