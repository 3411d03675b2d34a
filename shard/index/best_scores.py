"""Who may be among the most alike, told in one pass over the cosines of everybody."""

import threading
from collections.abc import Sequence
from typing import NamedTuple, Self

import numpy as np

from scoring.cohort import Floats, Places, pair_scores
from shard.index.faiss_vectors import Numbers, Rows
from shard.index.segment import Cosines

_ROUNDING = 0.001
"""A score computed twice may differ by less than this."""
_FIRST = 1000
"""Vectors that are all scored, so that others need not be."""


class _Hopeful(NamedTuple):
    """Pairs of a probe and a vector that may be among its best: arrays of one shape, (m,)."""

    probes: Rows
    numbers: Numbers
    highest: Floats
    """What the score may be."""

    def of(self, needed: Floats) -> Self:
        """Return those that may reach what their probe needs, of which there are p."""
        rows = self.highest >= needed[self.probes] - _ROUNDING
        return type(self)(self.probes[rows], self.numbers[rows], self.highest[rows])

    @classmethod
    def joined(cls, parts: Sequence[Self]) -> Self:
        """Return the pairs of all parts."""
        nobody = np.empty(0, np.int64)
        probes, numbers, highest = zip(
            (nobody, nobody, np.empty(0, np.float32)), *parts, strict=True
        )
        return cls(np.concatenate(probes), np.concatenate(numbers), np.concatenate(highest))


class BestScores:
    """The best scores that probes have had so far, and the vectors that may have them.

    A score counts by the places of both, so the nearest need not be the most alike: one that is
    further away may have the better score, if strangers come less near to it. For each piece of an
    index it is told which cosine the one with the lowest place would need, and those who reach that
    are scored: of a million some ten thousand. Two threads may take pieces at once.
    """

    def __init__(self, probes: Places, k: int) -> None:
        """Look for the `k` best of each of the probes, p of them, who have these places."""
        self._probes = probes
        self._best = np.full((len(probes.mean), k), -np.inf, np.float32)
        self._found: list[_Hopeful] = []
        self._lock = threading.Lock()

    def take(self, piece: Cosines) -> None:
        """Take what a piece of an index has, of one vector or more."""
        if len(piece.numbers) > _FIRST and not np.isfinite(self._needed).all():
            self.take(piece.of(slice(_FIRST)))
            piece = piece.of(slice(_FIRST, None))
        numbers, places, cosines, blur = piece
        pairs = np.flatnonzero(cosines >= self._least_cosines(places) - np.float32(blur))
        rows, probes = np.divmod(pairs, cosines.shape[1])
        own, theirs = self._probes.of(probes), places.of(rows)
        near = cosines.ravel()[pairs]
        highest = pair_scores(near + np.float32(blur), own, theirs)
        hopeful = np.flatnonzero(highest >= self._needed[probes] - _ROUNDING)
        lowest = pair_scores(near[hopeful] - np.float32(blur), own.of(hopeful), theirs.of(hopeful))
        found = _Hopeful(probes[hopeful], numbers[rows[hopeful]], highest[hopeful])
        with self._lock:
            self._reach(found.probes, lowest)
            self._found.append(found.of(self._needed))

    def numbers(self) -> list[Numbers]:
        """Return for each probe the numbers of all that may be among its best."""
        probes, numbers, _ = _Hopeful.joined(self._found).of(self._needed)
        order = np.argsort(probes, kind="stable")
        ends = np.searchsorted(probes[order], np.arange(1, len(self._best)))
        return np.split(numbers[order], ends)

    @property
    def _needed(self) -> Floats:
        """The score that each probe has for as many as are looked for; −∞ while it has fewer."""
        needed: Floats = self._best.min(axis=1)
        return needed

    def _least_cosines(self, places: Places) -> Floats:
        """Return for each probe a cosine below which none of a piece has the score it needs.

        A score s = (l − m)/d + (l − m′)/d′ needs the likeness
        l = (s + m/d + m′/d′) / (1/d + 1/d′).
        That grows with m′, and with d′ it only grows or only falls: it is least at the lowest m′,
        and at the smallest or the largest d′.
        """
        mean, deviation = self._probes
        lowest = places.mean.min()
        needed = self._needed - np.float32(_ROUNDING) + mean / deviation
        likeness = [
            (needed + lowest / other) / (1 / deviation + 1 / other)
            for other in (places.deviation.min(), places.deviation.max())
        ]
        least: Floats = np.tanh(np.minimum(*likeness))
        return least

    def _reach(self, probes: Rows, scores: Floats) -> None:
        """Note that the probes with these places have such scores, of which each has any number."""
        order = np.lexsort((-scores, probes))
        probes, scores = probes[order], scores[order]
        rank = np.arange(len(probes)) - np.searchsorted(probes, probes)
        k = self._best.shape[1]
        first = rank < k
        best = np.full_like(self._best, -np.inf)
        best[probes[first], rank[first]] = scores[first]
        self._best = np.partition(np.hstack([self._best, best]), k, axis=1)[:, k:]
