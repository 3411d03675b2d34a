"""Faces that two networks describe: found, aligned and judged once."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from contract.deadline import Deadline
from contract.errors import ConfigurationError
from encoder import (
    Encoder,
    EncoderChoice,
    EncoderPool,
    Face,
    NetworkChoice,
    SecondVectors,
    VectorModel,
    load_encoder,
)
from tests.encoder.custom.models import add_small_model
from tests.pictures import sample

PICTURE = "obama.jpg"


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """The folder of a small network."""
    add_small_model(tmp_path)
    return tmp_path / "small"


def vectors(face: Face | SecondVectors | None) -> NDArray[np.float32]:
    """Return what a face is recognized and enrolled by."""
    assert face is not None
    assert face.template is not None
    return np.stack([face.vector, face.template])


def test_each_network_gives_what_it_gives_alone(onnx_encoder: Encoder, small: Path) -> None:
    both = load_encoder(EncoderChoice(second=NetworkChoice(small)))
    alone = load_encoder(EncoderChoice(model=small))
    picture = sample(PICTURE)

    [face] = both.encode(picture, to_enroll=True)

    [first], [second] = (
        encoder.encode(picture, to_enroll=True) for encoder in (onnx_encoder, alone)
    )
    assert (both.model, both.second) == (
        onnx_encoder.model,
        VectorModel(alone.model, alone.dimension),
    )
    assert np.array_equal(vectors(face), vectors(first))
    assert np.array_equal(vectors(face.second), vectors(second))
    assert (face.box, face.quality, second.second) == (first.box, first.quality, None)


async def test_a_pool_says_which_they_are_and_hands_on_what_they_give(
    processes: None, small: Path
) -> None:
    pool = EncoderPool(EncoderChoice(model=small, second=NetworkChoice(None)))
    try:
        await pool.start()
        [face] = await pool.encode(sample(PICTURE), Deadline(60))
        second = pool.second
    finally:
        await pool.close()

    assert second is not None
    assert second.dimension == 128
    assert face.second is not None
    assert (face.second.vector.shape, face.second.template) == ((128,), None)


@pytest.mark.parametrize(
    ("choice", "reason"),
    [
        (EncoderChoice(second=NetworkChoice(None)), "the second model is the served one"),
        (EncoderChoice("dlib", second=NetworkChoice(None)), "needs the encoder onnx"),
    ],
)
def test_what_cannot_be_is_refused(slow: None, choice: EncoderChoice, reason: str) -> None:
    with pytest.raises(ConfigurationError, match=reason):
        load_encoder(choice)
