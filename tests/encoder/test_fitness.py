"""Which faces would be known again: a stranger with another one gets no FaceId."""

import dataclasses
import io
from typing import Any

import pytest
from PIL import Image, ImageFilter

from encoder import Face, FaceBox, load_encoder
from encoder.fitness import unfitness
from scoring.score_scale import ScoreScale
from shard.faces.tracks import TrackId, Tracks
from tests.pictures import sample
from tests.shard.fakes import CLEAR, MODEL, vector_of

FIT = Face(FaceBox(0, 120, 120, 0), vector_of(1), confidence=1.5, quality=CLEAR)
BLURRED = dataclasses.replace(FIT, vector=vector_of(1, 0.1), quality=CLEAR._replace(sharpness=0.5))
TRACK = TrackId("door", "7")


@pytest.mark.parametrize(
    ("look", "why"),
    [
        ({}, None),
        ({"width": 31}, "TOO_SMALL"),
        ({"width": 32}, None),
        ({"light": 17.0}, "TOO_DARK"),
        ({"sharpness": 0.8}, "BLURRED"),
        ({"sharpness": 1.2}, None),
        ({"light": 30.0, "sharpness": 0.2}, None),  # sharp, and dark
        ({"light": 250.0, "sharpness": 0.8}, "BLURRED"),
        ({"yaw": -0.6}, None),
        ({"yaw": -0.8}, "POSE"),
        ({"pitch": 0.2}, "POSE"),
        ({"roll": 40.0}, "POSE"),
        ({"frontal": False}, "POSE"),
    ],
)
def test_looks_have_limits(look: dict[str, Any], why: str | None) -> None:
    assert unfitness(dataclasses.replace(FIT, quality=CLEAR._replace(**look))) == why


@pytest.mark.parametrize(("confidence", "sharpness"), [(0.05, 2.0), (0.05, 20.0), (0.2, 2.0)])
def test_what_is_hardly_a_face_and_not_sharp_is_none(confidence: float, sharpness: float) -> None:
    face = dataclasses.replace(
        FIT, confidence=confidence, quality=CLEAR._replace(sharpness=sharpness)
    )

    assert unfitness(face) == ("NO_FACE" if (confidence, sharpness) == (0.05, 2.0) else None)


def test_one_fit_face_makes_a_track_fit() -> None:
    tracks, nobody = Tracks(), ScoreScale.of_model(MODEL)

    [first] = tracks.probes(TRACK, [[BLURRED]], nobody)
    [second] = tracks.probes(TRACK, [[FIT]], nobody)
    [third] = tracks.probes(TRACK, [[BLURRED]], nobody)

    assert (first.unfit, second.unfit, third.unfit) == ("BLURRED", None, None)


def test_a_photograph_is_fit_until_it_is_blurred(slow: None) -> None:
    encoder = load_encoder()
    picture = Image.open(io.BytesIO(sample("obama.jpg"))).convert("RGB")
    [clear] = encoder.encode(sample("obama.jpg"))
    blurred = io.BytesIO()
    picture.filter(ImageFilter.GaussianBlur(clear.quality.width / 25)).save(blurred, "PNG")
    [unclear] = encoder.encode(blurred.getvalue())

    assert (unfitness(clear), unfitness(unclear)) == (None, "BLURRED")
