"""Who is in a picture: encode it, then search this store's faces."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from contract.deadline import Deadline
from contract.messages.by_kind import ByKind
from contract.messages.face import Candidate
from contract.messages.lesson import Lesson
from contract.messages.message import Place
from contract.messages.shard_answers import ShardAnswer, ShardFace, ShardTiming
from contract.stores.detection import Detection
from contract.stores.store_map import Learning
from contract.vectors import Vector, optional_text, to_text
from service import request_id
from shard.faces.sightings import SightedFace
from shard.faces.tracks import Probe, TrackId
from shard.index.agreement import SeenFace
from shard.index.certainty import RIVALS
from shard.index.collection import Collection
from shard.index.hit import Hit
from shard.index.second_lessons import needs_lesson
from shard.recognition.encoding import encode_pictures, second_model_of, stacked_vectors
from shard.recognition.messages import box_of, candidates_of, finite_threshold
from shard.search_batches import SearchQuestion
from shard.service import Service

_CLEAR = 1.0
"""The detector's confidence from which on a face is clear and frontal."""


@dataclass(frozen=True)
class RecognitionOptions:
    """How pictures of one request are recognized, and what the answer shows.

    `rates` are the shares of strangers that may match a member, and a visitor; `detection` says how
    faces are looked for. The answer shows the `candidates` best FaceIds of each face whether or not
    they match. With `vectors` it shows the vectors, and their places among the cohort, of the faces
    that other stores may know better. Frames of one `track` are fused. With `remember` each vector
    is kept in memory for the length of a visit, under the name that the answer gives as `sighting`.
    `learning` says whose FaceIds get a lesson where it is sure who came.
    """

    rates: ByKind[float]
    detection: Detection
    candidates: int = 0
    vectors: bool = False
    track: TrackId | None = None
    remember: bool = False
    learning: Learning = "nobody"


class _SearchedProbe(NamedTuple):
    """A probe, its place among the cohort, and its search results, best first."""

    probe: Probe
    place: Place
    hits: list[Hit]


async def recognize(
    service: Service, pictures: Sequence[bytes], options: RecognitionOptions, deadline: Deadline
) -> ShardAnswer:
    """Return every face of the picture, largest first, and who of this store it is.

    Several pictures are frames of one person: the faces are those of the last picture with a face,
    that person's first. Raises NotReady, StorageUnavailable, Busy, DeadlineExceeded, and what the
    encoder raises.
    """
    collection = service.complete_collection()
    with service.metrics.stage("total") as total:
        with service.metrics.stage("encode") as encode:
            frames = await encode_pictures(service, pictures, options.detection, deadline)
        probes = service.tracks.probes(options.track, frames, service.scale)
        with service.metrics.stage("search") as search:
            teaches = options.learning != "nobody" or collection.second is not None
            k = max(RIVALS if teaches else 1, options.candidates)
            searched = (
                await _search(service, probes, SearchQuestion(collection, k), deadline)
                if probes
                else []
            )
        faces = [_recognized(service, collection, one, options) for one in searched]
        if collection.second is not None:
            seen = [
                SeenFace(one.probe.second, one.probe.frames, face.face_id)
                for one, face in zip(searched, faces, strict=True)
            ]
            service.threads.search_idly(
                lambda: service.agreement.compare(collection, seen, options.rates)
            )
    return ShardAnswer(
        result=faces[0].face_id if faces else None,
        store=service.store.id,
        model=service.encoder.model,
        cohort=service.cohort.name,
        second_model=second_model_of(service),
        faces=faces,
        timing_ms=ShardTiming(encode=encode.ms, search=search.ms, total=total.ms),
        request_id=request_id.current.get(),
    )


async def _search(
    service: Service, probes: Sequence[Probe], question: SearchQuestion, deadline: Deadline
) -> list[_SearchedProbe]:
    """Search at least one probe."""
    places, hits = await service.searches.search(deadline, question, stacked_vectors(probes))
    return [_SearchedProbe(*found) for found in zip(probes, places.pairs, hits, strict=True)]


def _recognized(
    service: Service, collection: Collection, searched: _SearchedProbe, options: RecognitionOptions
) -> ShardFace:
    probe, place, hits = searched
    needed = collection.thresholds(options.rates, probe.frames)
    candidates = candidates_of(hits, service.store.id, needed)
    best = next((candidate for candidate in candidates if candidate.passes), None)
    most_alike = best or next(iter(candidates), None)
    known = best.model_dump(exclude={"store", "passes"}) if best else {}
    with_vector = options.vectors and _may_be_known_better_elsewhere(probe, best)
    face_id = best.face_id if best else None
    return ShardFace(
        box=box_of(probe.face),
        match="home" if best else "unknown",
        threshold=finite_threshold(needed.of(most_alike.kind if most_alike else "member")),
        track=probe.track,
        candidates=candidates[: options.candidates] if options.candidates else None,
        vector=to_text(probe.vector) if with_vector else None,
        place=place if with_vector else None,
        second_vector=optional_text(probe.second) if with_vector else None,
        unfit=None if best else probe.unfit,
        sighting=(
            service.sightings.keep(SightedFace(probe.vector, probe.second), face_id)
            if options.remember
            else None
        ),
        lesson=_lesson(service, collection, searched, options),
        second_lesson=_second_lesson(collection, searched, options),
        **known,
    )


def _lesson(
    service: Service, collection: Collection, searched: _SearchedProbe, options: RecognitionOptions
) -> Lesson | None:
    """Return what the visit teaches the FaceId that it certainly is of; None of a doubtful one."""
    if _certainly(collection, searched, options, options.learning) is None:
        return None
    return _lesson_of(searched.probe, searched.probe.vector, service.encoder.model)


def _second_lesson(
    collection: Collection, searched: _SearchedProbe, options: RecognitionOptions
) -> Lesson | None:
    """Return what the visit teaches the second model, where it knows little of whom it is sure.

    Whoever may learn from visits otherwise: it is for the store to change its model.
    """
    vector = searched.probe.second
    if vector is None or collection.second is None or not options.remember:
        return None
    face_id = _certainly(collection, searched, options, "everyone")
    if face_id is None or not needs_lesson(collection, face_id):
        return None
    return _lesson_of(searched.probe, vector, collection.second.model)


def _certainly(
    collection: Collection,
    searched: _SearchedProbe,
    options: RecognitionOptions,
    learning: Learning,
) -> str | None:
    """Return the FaceId that a face certainly is of, of those who are `learning`; None in doubt.

    A single frame has to be a clear one. Whom nobody would know again teaches nothing: the vectors
    of people in profile are like one another.
    """
    probe, _, hits = searched
    is_doubtful = probe.frames == 1 and probe.face.confidence < _CLEAR
    if learning == "nobody" or probe.unfit is not None or is_doubtful:
        return None
    face = collection.certainty(options.rates, probe.frames).of(hits, learning)
    return None if face is None else face.face_id


def _lesson_of(probe: Probe, vector: Vector, model: str) -> Lesson:
    return Lesson(
        vector=to_text(vector),
        model=model,
        frames=probe.frames,
        quality=probe.face.confidence,
    )


def _may_be_known_better_elsewhere(probe: Probe, best: Candidate | None) -> bool:
    """Say whether other stores have to be searched, too.

    A visitor who was minted of a track's first frame resembles the track for as long as that frame
    counts in it: a member of another store, badly seen at first, would stay a stranger.
    """
    return best is None or (best.kind == "visitor" and probe.frames > 1)
