"""Vectors in 16 bits a number: hardly off, found as among the vectors themselves, and soon gone."""

import numpy as np
import pytest

from contract.vectors import Vectors
from scoring.cohort import unit
from shard.index.faiss_vectors import FlatVectors
from shard.index.quantized_vectors import QuantizedVectors

D = 128
OFF = 2e-5
"""More than half a step of 1/65,536 of a range of 1."""


def drawn(count: int, seed: int = 1) -> Vectors:
    return unit(np.random.default_rng(seed).normal(size=(count, D)).astype(np.float32))


def filled(vectors: Vectors) -> QuantizedVectors:
    made = QuantizedVectors(D)
    made.add(vectors)
    return made


def test_a_vector_is_hardly_off() -> None:
    vectors = drawn(2000)
    quantized = filled(vectors)

    assert np.abs(quantized.rows - vectors).max() < OFF
    assert np.abs(quantized.of(np.array([[7, 3], [1, 1]]))[0, 1] - vectors[3]).max() < OFF


@pytest.mark.parametrize("together", [1, 40])
def test_the_nearest_are_those_of_the_vectors_with_their_distances(together: int) -> None:
    """By bytes, one by one, or unfolded, many at once."""
    vectors = drawn(3000)
    flat, quantized = FlatVectors(D), filled(vectors)
    flat.add(vectors)
    probes = unit(vectors[:40] + 0.5 * drawn(40, seed=2))

    for start in range(0, 40, together):
        some = probes[start : start + together]
        exact, near = flat.nearest(some, 1), quantized.nearest(some, 16)
        best = near.squared.argmin(axis=1)
        assert near.found[np.arange(together), best].tolist() == exact.found[:, 0].tolist()
        assert near.squared.min(axis=1) == pytest.approx(exact.squared[:, 0], abs=1e-4)


def test_a_vector_beyond_the_ranges_widens_them_for_all() -> None:
    usual, far = drawn(50), np.zeros((2, D), np.float32)
    far[0, 5], far[1, 9] = 1.0, -1.0
    quantized = filled(usual)

    quantized.add(far)
    quantized.add(usual[:3])

    assert np.abs(quantized.rows - np.concatenate([usual, far, usual[:3]])).max() < 2 * OFF
    assert quantized.nearest(far, 1).found[:, 0].tolist() == [50, 51]


def test_a_removed_vector_is_nowhere_in_memory() -> None:
    vectors = drawn(4)
    quantized = filled(vectors)
    upper, lower = quantized._upper.rows, quantized._lower
    gone_upper, gone_lower = upper[1].copy(), lower[1].copy()

    quantized.remove(1)

    assert not (upper == gone_upper).all(axis=1).any()
    assert not (lower == gone_lower).all(axis=1).any()
    assert np.abs(quantized.rows - vectors[[0, 3, 2]]).max() < OFF
    quantized.remove(2)
    quantized.remove(1)
    quantized.remove(0)
    assert not upper.any()
    assert not lower.any()


def test_it_grows_one_by_one_in_half_the_memory() -> None:
    vectors, quantized = drawn(1500), QuantizedVectors(D)
    for vector in vectors:
        quantized.add(vector[None])

    assert np.abs(quantized.rows - vectors).max() < 2 * OFF
    assert quantized._lower.nbytes + quantized._upper.rows.nbytes <= 2048 * D * 2
