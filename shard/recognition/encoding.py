"""Pictures into faces and vectors, with nothing searched."""

import asyncio
from collections.abc import Sequence

import numpy as np

from contract.deadline import Deadline
from contract.messages.message import Place
from contract.messages.shard_answers import EncodeAnswer, EncodedFace
from contract.stores.detection import Detection
from contract.vectors import Vectors, optional_text, to_text
from encoder import Face
from shard.faces.tracks import Probe
from shard.recognition.messages import box_of
from shard.service import Service


async def encode(
    service: Service, pictures: Sequence[bytes], detection: Detection, deadline: Deadline
) -> EncodeAnswer:
    """Return the faces and their vectors, for a gateway whose home shard is down."""
    with service.metrics.stage("encode") as span:
        frames = await encode_pictures(service, pictures, detection, deadline)
    places: list[Place] = []
    if probes := service.tracks.probes(None, frames, service.scale):
        vectors = stacked_vectors(probes)
        places = (await service.threads.search(deadline, service.cohort.place, vectors)).pairs
    return EncodeAnswer(
        model=service.encoder.model,
        cohort=service.cohort.name,
        second_model=second_model_of(service),
        faces=[
            EncodedFace(
                box=box_of(probe.face),
                quality=probe.face.confidence,
                vector=to_text(probe.vector),
                second_vector=optional_text(probe.second),
                place=place,
                track=probe.track,
                unfit=probe.unfit,
            )
            for probe, place in zip(probes, places, strict=True)
        ],
        encode_ms=span.ms,
    )


async def encode_pictures(
    service: Service, pictures: Sequence[bytes], detection: Detection, deadline: Deadline
) -> list[list[Face]]:
    """Return the faces of each picture, largest first. Raises what the encoder raises."""
    encoding = (service.encoder.encode(picture, deadline, detection) for picture in pictures)
    return await asyncio.gather(*encoding)


def second_model_of(service: Service) -> str | None:
    """Return what makes the second vectors of faces; None where there are none."""
    second = service.encoder.second
    return None if second is None else second.model


def stacked_vectors(probes: Sequence[Probe]) -> Vectors:
    """Return the vectors of at least one probe: float32, shape (n, d)."""
    return np.stack([probe.vector for probe in probes])
