"""How many lists a search has to look through, told by the vectors that are in them."""

from collections.abc import Callable, Iterator
from typing import NamedTuple, Self

import numpy as np

from contract.vectors import Vectors
from scoring.cohort import Floats, unit
from scoring.parameters import ScoringParameters
from shard.index.faiss_vectors import ListedVectors, Numbers
from shard.index.indexed_vectors import IndexedVectors

USUAL_RATE = 0.01
"""The share of strangers who match, as stores usually want it."""
WANTED_RECALL = 0.995
"""The share of those who match that has to be found."""
SHARES = (1 / 32, 1 / 16, 1 / 8, 1 / 4)
"""Of the lists: to look through more of them is hardly faster than to look at everybody."""
_BEYOND = 6.0
"""By how much those who match exceed the limit, on average: pictures of LFW by 5.9 where it is that
of a million faces (5% by 0.3, half by 4, 5% by 17), by 7.9 where it is that of 20,000."""
_TRIALS = 1000
_MIXED = 8
"""Strangers on each side of a difference: with one the probe would be near to that one."""
_SEED = 2
_PIECE = 50_000
_PROBES = 100
"""Probes of a piece of a trial: a second of it with a million vectors."""


class MatchLikeness(NamedTuple):
    """How alike people who match are to their vectors, as atanh of the cosine.

    Most of them match barely: the more alike, the fewer, as in an exponential distribution.
    """

    least: float
    """That of somebody who barely matches."""
    mean: float

    @classmethod
    def of(cls, parameters: ScoringParameters, faces: int) -> Self:
        """Return how alike those are who match among so many faces at the usual rate.

        The score at the limit counts by how much two faces of the typical place are nearer to each
        other than strangers are.
        """
        mean, deviation = parameters.typical
        limit = parameters.threshold(faces, USUAL_RATE)
        return cls(mean + deviation * limit / 2, mean + deviation * (limit + _BEYOND) / 2)


def lists_to_probe(
    listed: ListedVectors,
    indexed: IndexedVectors,
    likeness: MatchLikeness,
    go_on: Callable[[], None],
) -> int | None:
    """Return how many of the lists that `indexed` fill have to be looked through.

    None where WANTED_RECALL takes more than the largest of SHARES. Probes are some of the vectors,
    each changed as strangers differ until it is only so much like itself as people who match are.
    `go_on` is called between the pieces of the work, and ends it by what it raises.
    """
    probes = match_probes(indexed.vectors, likeness)
    nearest = indexed.numbers[_nearest_rows(probes, indexed.vectors, go_on)]
    for share in SHARES:
        listed.probed = max(1, round(share * listed.lists))
        found = _found(listed, probes, go_on)
        if np.mean(found == nearest) >= WANTED_RECALL:
            return listed.probed
    return None


def match_probes(vectors: Vectors, likeness: MatchLikeness) -> Vectors:
    """Return some of the vectors, each changed until it is only so much like itself, (p, d)."""
    random = np.random.default_rng(_SEED)
    own, *some = vectors[random.integers(len(vectors), size=(1 + 2 * _MIXED, _TRIALS))]
    difference = np.sum(some[:_MIXED], axis=0) - np.sum(some[_MIXED:], axis=0)
    across = unit(difference - np.einsum("ij,ij->i", own, difference)[:, None] * own)
    above = random.exponential(likeness.mean - likeness.least, size=(_TRIALS, 1))
    cosine = np.tanh(likeness.least + above).astype(np.float32)
    return unit(cosine * own + np.sqrt(1 - cosine**2) * across)


def _found(listed: ListedVectors, probes: Vectors, go_on: Callable[[], None]) -> Numbers:
    """Return the number that the lists find nearest to each probe."""
    pieces = []
    for start in range(0, len(probes), _PROBES):
        go_on()
        pieces.append(listed.nearest(probes[start : start + _PROBES], 1).found[:, 0])
    return np.concatenate(pieces)


def _nearest_rows(
    probes: Vectors, vectors: Vectors, go_on: Callable[[], None]
) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    """Return the row of the nearest of unit `vectors` for each probe, looking at them all."""
    best = np.full(len(probes), -np.inf, np.float32)
    rows = np.zeros(len(probes), np.intp)
    for start, cosines in _cosines(probes, vectors):
        go_on()
        piece = cosines.argmax(axis=1)
        top = cosines[np.arange(len(probes)), piece]
        better = top > best
        best[better], rows[better] = top[better], start + piece[better]
    return rows


def _cosines(probes: Vectors, vectors: Vectors) -> Iterator[tuple[int, Floats]]:
    for start in range(0, len(vectors), _PIECE):
        yield start, probes @ vectors[start : start + _PIECE].T
