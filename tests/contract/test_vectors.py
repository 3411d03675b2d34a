"""Vectors on the wire come back as they were sent, and nothing else is taken for vectors."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract import vectors
from contract.errors import BadVectors


@given(st.integers(1, 40), st.integers(1, 300), st.integers(0, 2**32 - 1))
def test_vectors_survive_the_wire(rows: int, dimension: int, seed: int) -> None:
    sent = np.random.default_rng(seed).normal(size=(rows, dimension)).astype(np.float32)

    body = vectors.pack(sent)

    assert len(body) == rows * dimension * 4
    np.testing.assert_array_equal(vectors.unpack(body, dimension), sent)


def test_the_wire_is_little_endian_float32() -> None:
    assert vectors.pack(np.array([1.0, -2.0], dtype=np.float32)).hex() == "0000803f000000c0"


def test_one_vector_survives_as_text() -> None:
    sent = np.linspace(-1, 1, 128, dtype=np.float32)

    np.testing.assert_array_equal(vectors.from_text(vectors.to_text(sent)), sent)


@pytest.mark.parametrize("body", [b"", b"\0" * 511, b"\0" * 513, b"<html>"])
def test_a_body_of_the_wrong_length_is_refused(body: bytes) -> None:
    with pytest.raises(BadVectors, match=f"{len(body)} bytes"):
        vectors.unpack(body, 128)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_values_that_are_not_finite_are_refused(value: float) -> None:
    body = vectors.pack(np.full((1, 4), value, dtype=np.float32))

    with pytest.raises(BadVectors, match="not finite"):
        vectors.unpack(body, 4)


@pytest.mark.parametrize("text", ["", "not base64!", "AAA=", "////"])
def test_text_that_is_no_vector_is_refused(text: str) -> None:
    with pytest.raises(BadVectors):
        vectors.from_text(text)
