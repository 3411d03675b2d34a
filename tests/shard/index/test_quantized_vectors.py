"""Vectors in 16 bits a number: hardly off, found as among the vectors themselves, and soon gone."""

import numpy as np

from contract.vectors import Vectors
from scoring.cohort import unit
from shard.index.quantized_vectors import QuantizedVectors

D = 128
ALL = slice(None)
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


def test_cosines_by_bytes_are_hardly_ever_off_by_more_than_the_blur() -> None:
    vectors, probes = drawn(5000), drawn(40, seed=2)
    quantized = filled(vectors)

    off = np.abs(quantized.cosines(probes, ALL) - vectors @ probes.T)

    assert off.shape == (5000, 40)
    assert np.mean(off <= quantized.blur) > 0.995
    assert off.max() < 2 * quantized.blur < 0.02
    assert (
        np.abs(
            quantized.cosines(probes[:1], ALL)[:, 0] - quantized.cosines(probes, ALL)[:, 0]
        ).max()
        < OFF
    )


def test_a_vector_beyond_the_ranges_widens_them_for_all() -> None:
    usual, far = drawn(50), np.zeros((2, D), np.float32)
    far[0, 5], far[1, 9] = 1.0, -1.0
    quantized = filled(usual)

    quantized.add(far)
    quantized.add(usual[:3])

    assert np.abs(quantized.rows - np.concatenate([usual, far, usual[:3]])).max() < 2 * OFF
    assert quantized.cosines(far, ALL).argmax(axis=0).tolist() == [50, 51]


def test_a_removed_vector_is_nowhere_in_memory() -> None:
    vectors = drawn(4)
    quantized = filled(vectors)
    upper, lower = quantized._upper, quantized._lower
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
    assert quantized._lower.nbytes + quantized._upper.nbytes <= 2048 * D * 2
