"""What the cameras make of planned visits: after each frame the fused vector of the track."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from contract.vectors import Vector
from facegate.evaluation.counting.visit_plan import PlannedVisit
from facegate.evaluation.photographs import Photographs
from scoring.cohort import Cohort, Places, unit


class FusedTrack(NamedTuple):
    """A track after some of its frames."""

    vector: Vector
    """float32, shape (d,), unit length."""
    place: Places
    """Shape (1,)."""
    frames: int
    store: int


class Sighting(NamedTuple):
    """A visit as the store sees it."""

    store: int
    day: int
    tracks: tuple[FusedTrack, ...]
    """After the first frame, after the second, …"""


def sightings(
    photographs: Photographs, visits: Sequence[PlannedVisit], cohort: Cohort
) -> Iterator[Sighting]:
    """Yield what is seen of each visit."""
    frames = photographs.vectors[np.stack([visit.frames for visit in visits])]
    fused = unit(np.cumsum(frames, axis=1))
    length, dimension = fused.shape[1:]
    places = cohort.place(fused.reshape(-1, dimension))
    for number, visit in enumerate(visits):
        rows = number * length + np.arange(length)
        yield Sighting(
            visit.store,
            visit.day,
            tuple(
                FusedTrack(vector, places.of(row), frames, visit.store)
                for frames, (vector, row) in enumerate(
                    zip(fused[number], rows[:, None], strict=True), start=1
                )
            ),
        )
