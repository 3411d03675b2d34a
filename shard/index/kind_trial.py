"""How each kind of index would do with some faces: what it takes, and whether it finds the same."""

import time
from collections.abc import Iterator, Sequence
from typing import NamedTuple, get_args

import numpy as np

from contract.messages.index_status import IndexKind, KindTrial
from contract.vectors import Vectors
from scoring.cohort import Places
from shard.index.indexed_vectors import IndexedVectors
from shard.index.ivf_flat_index import IvfFlatIndex
from shard.index.list_trial import MatchLikeness
from shard.index.partition_index import PartitionIndex

TOGETHER = 32
"""Probes that are searched at once, as a shard does when many wait."""
_SECONDS = 5.0
"""For how long single searches are measured, at most; of some dozen at least."""
_FEWEST = 30
_PIECE = 20_000


class TrialFaces(NamedTuple):
    """Faces, probes with their places, and what it takes to match."""

    indexed: IndexedVectors
    probes: Vectors
    places: Places
    likeness: MatchLikeness
    needed: float
    """The score from which a probe is somebody."""


class _Best(NamedTuple):
    number: int | None
    score: float

    def decision(self, needed: float) -> int | None:
        return self.number if self.score >= needed else None


def kind_trials(faces: TrialFaces) -> list[KindTrial]:
    """Try every kind, `flat` first, one after the other; none stays in memory."""
    exact: list[_Best] = []
    trials = []
    for kind in get_args(IndexKind):
        index, build = _built(faces, kind)
        each = _timed(index, faces)
        began = time.process_time()  # of both threads that share a large search
        best = list(_best(index, faces))
        together = (time.process_time() - began) / max(1, len(best))
        exact = exact or best
        trials.append(
            KindTrial(
                kind=kind,
                searched=index.status,
                bytes_a_face=round(index.memory / max(1, len(index))),
                recall=_share(one.number == other.number for one, other in _pairs(exact, best)),
                same_decision=_share(
                    one.decision(faces.needed) == other.decision(faces.needed)
                    for one, other in _pairs(exact, best)
                ),
                p50_ms=_percentile(each, 50),
                p99_ms=_percentile(each, 99),
                together_ms=1e3 * together,
                build_seconds=build,
            )
        )
    return trials


def _built(faces: TrialFaces, kind: IndexKind) -> tuple[PartitionIndex, float]:
    """Return an index of a kind with the faces in it, and the CPU seconds that this took."""
    numbers, vectors, places = faces.indexed
    began = time.thread_time()
    index = PartitionIndex(vectors.shape[1], kind)
    for start in range(0, len(numbers), _PIECE):
        rows = np.arange(start, min(start + _PIECE, len(numbers)))
        index.add(numbers[rows], vectors[rows], places.of(rows))
    if index.wants_lists():
        index.begin()
        made = IvfFlatIndex.trained(faces.indexed, faces.likeness, _to_the_end)
        if made is None:
            index.abandon(len(numbers))
        else:
            index.replace(made)
    return index, time.thread_time() - began


def _to_the_end() -> None:
    """Let the making of lists go on."""


def _timed(index: PartitionIndex, faces: TrialFaces) -> list[float]:
    """Return the seconds of single searches."""
    seconds: list[float] = []
    for row in range(len(faces.probes)):
        if sum(seconds) > _SECONDS and row >= _FEWEST:
            break
        one = np.array([row])
        began = time.perf_counter()
        index.search(faces.probes[one], faces.places.of(one), 1)
        seconds.append(time.perf_counter() - began)
    return seconds


def _best(index: PartitionIndex, faces: TrialFaces) -> Iterator[_Best]:
    for start in range(0, len(faces.probes), TOGETHER):
        rows = np.arange(start, min(start + TOGETHER, len(faces.probes)))
        for found in index.search(faces.probes[rows], faces.places.of(rows), 1):
            scores = {number: similar.score for number, similar in found.items()}
            number = max(scores, key=lambda each: scores[each], default=None)
            yield _Best(number, -np.inf if number is None else scores[number])


def _pairs(exact: Sequence[_Best], best: Sequence[_Best]) -> Iterator[tuple[_Best, _Best]]:
    return zip(exact, best, strict=True)


def _share(same: Iterator[bool]) -> float:
    each = list(same)
    return sum(each) / len(each) if each else 1.0


def _percentile(seconds: Sequence[float], percent: float) -> float:
    return float(np.percentile(seconds, percent)) * 1e3 if seconds else 0.0
