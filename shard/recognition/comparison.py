"""Whether two pictures show one person."""

import numpy as np

from contract.deadline import Deadline
from contract.errors import NoFace
from contract.messages.recognition import CompareAnswer
from scoring.cohort import pair_scores
from shard.recognition.encoding import encode_pictures
from shard.service import Service


async def compare(
    service: Service, pictures: tuple[bytes, bytes], deadline: Deadline
) -> CompareAnswer:
    """Compare the largest faces of two pictures. Raises NoFace and what the encoder raises."""
    frames = await encode_pictures(service, pictures, service.store.detection, deadline)
    if not all(frames):
        raise NoFace("one of the pictures shows no face")
    first, second = (faces[0].vector for faces in frames)
    places = service.cohort.place(np.stack([first, second]))
    cosine = np.array([first @ second])
    score = float(pair_scores(cosine, places.of(np.array([0])), places.of(np.array([1])))[0])
    needed = service.scale.parameters.threshold(1, service.store.threshold)
    return CompareAnswer(
        same=score >= needed,
        score=score,
        threshold=needed,
        distance=float(np.linalg.norm(first - second)),
    )
