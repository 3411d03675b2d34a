"""Who may be among the most alike, told in one pass over the cosines of everybody."""

import threading

import numpy as np

from scoring.cohort import Floats, Places, pair_scores
from shard.index.faiss_vectors import Numbers, Rows

_ROUNDING = 0.001
"""A score computed twice may differ by less than this."""
_FIRST = 1000
"""Vectors that are all scored, so that others need not be."""


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
        self._k = k
        self._best = [np.empty(0, np.float32) for _ in probes.mean]
        self._needed = np.full(len(probes.mean), -np.inf, np.float32)
        self._found: list[list[Numbers]] = [[] for _ in probes.mean]
        self._scores: list[list[Floats]] = [[] for _ in probes.mean]
        self._lock = threading.Lock()

    def take(self, numbers: Numbers, cosines: Floats, places: Places, blur: float) -> None:
        """Take what a piece has, whose n vectors have these numbers and places.

        `cosines` are of shape (n, p) and off by `blur` at most.
        """
        if len(cosines) > _FIRST and not np.isfinite(self._needed).all():
            few = Places(places.mean[:_FIRST], places.deviation[:_FIRST])
            self.take(numbers[:_FIRST], cosines[:_FIRST], few, blur)
            numbers, cosines = numbers[_FIRST:], cosines[_FIRST:]
            places = Places(places.mean[_FIRST:], places.deviation[_FIRST:])
        pairs = np.flatnonzero(cosines >= self._least_cosines(places) - np.float32(blur))
        rows, probes = np.divmod(pairs, cosines.shape[1])
        own, theirs = self._probes.of(probes), places.of(rows)
        near = cosines.ravel()[pairs]
        highest = pair_scores(near + np.float32(blur), own, theirs)
        hopeful = np.flatnonzero(highest >= self._needed[probes] - _ROUNDING)
        lowest = pair_scores(near[hopeful] - np.float32(blur), own.of(hopeful), theirs.of(hopeful))
        with self._lock:
            self._keep(probes[hopeful], numbers[rows[hopeful]], highest[hopeful], lowest)

    def numbers(self) -> list[Numbers]:
        """Return for each probe the numbers of all that may be among its best."""
        return [
            np.concatenate([np.empty(0, np.int64), *found])[
                np.concatenate([np.empty(0, np.float32), *scores]) >= needed - _ROUNDING
            ]
            for found, scores, needed in zip(self._found, self._scores, self._needed, strict=True)
        ]

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

    def _keep(self, probes: Rows, numbers: Numbers, highest: Floats, lowest: Floats) -> None:
        for probe in np.unique(probes).tolist():
            own = probes == probe
            best = np.concatenate([self._best[probe], lowest[own]])
            if len(best) >= self._k:
                best = np.partition(best, -self._k)[-self._k :]
                self._needed[probe] = best[0]
            self._best[probe] = best
            own &= highest >= self._needed[probe] - _ROUNDING
            self._found[probe].append(numbers[own])
            self._scores[probe].append(highest[own])
