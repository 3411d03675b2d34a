"""Which faces that nobody would know again are visits, where a store counts them so."""

from datetime import timedelta
from typing import Any

import pytest

from contract.messages.face import Box, TrackState
from contract.messages.recognition import RecognizedFace
from gateway.record.visits.frame import Frame

BLURRED = RecognizedFace(
    box=Box(top=0, right=1, bottom=1, left=0),
    match="unknown",
    unfit="BLURRED",
    track=TrackState(id="7", frames=1),
)
FRAME: dict[str, Any] = {
    "store": "a",
    "timezone": "UTC",
    "visit_gap": timedelta(minutes=30),
    "at": 0,
    "now": 0,
    "camera": "door",
    "track": "7",
    "counts_unfit": True,
}


@pytest.mark.parametrize(
    ("face", "frame", "is_visit"),
    [
        ({}, {}, True),
        ({"unfit": "POSE"}, {}, True),
        ({"unfit": "NO_FACE"}, {}, False),
        ({"unfit": None}, {}, False),
        ({"match": "home"}, {}, False),
        ({"track": None}, {}, False),
        ({}, {"track": None}, False),
        ({}, {"counts_unfit": False}, False),
    ],
)
def test_a_track_of_somebody_is_a_visit(
    face: dict[str, Any], frame: dict[str, Any], is_visit: bool
) -> None:
    assert Frame(**FRAME | frame).is_unfit_visit(BLURRED.model_copy(update=face)) == is_visit
