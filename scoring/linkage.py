"""Which of many faces are one person: average linkage over all pairs of normalised scores.

Every face begins as a group of its own. The two groups whose pairs have the highest mean score are
joined, again and again, until no mean reaches the limit (average linkage, UPGMA: Sokal and
Michener, "A statistical method for evaluating systematic relationships", 1958).

A mean reaches the limit only where one of its pairs does. So pairs are scored block by block and
only those that reach the limit are kept; whatever mean is needed to join two groups is taken over
all pairs between them, and the result is that of average linkage over all pairs.

    linking = scale.parameters.linking
    limit = linking.at(len(vectors))
    places = linking_places(cohort.place(vectors), templates, linking.per_e_fold)
    for group in linked_groups(vectors, places, limit, apart=[(3, 7)]):
        group.rows, group.score
"""

import heapq
import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from itertools import combinations_with_replacement
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from contract.vectors import Vectors
from scoring.cohort import Floats, Places, pair_scores

_ASKED_OF_TEMPLATES = (0.0, 1.0, 2.0)
"""Score that is asked in addition of a FaceId with 1, 2, 3 or more templates, on either side.

With several templates a person is far more alike to the own other pictures (the score that 95%
reach is 3 with one, 12 with two, 18 with three on either side), while strangers gain little. Fitted
together with the limit.
"""
_USUAL_RETURNS = 0.6
_E_FOLDS_OF_SINGLE = (-1.67, 0.83)
"""What is asked of a FaceId with one template where others have several, at the least and the most.

It is somebody who came once, or a visit of a regular who was not recognised. There are the more of
the latter the more often people came back: by Bayes' rule the odds follow the returns for each such
FaceId. So with each e-fold of these it is asked as much less as the limit grows with each e-fold of
the FaceIds that it may be (with dlib's network 1.2, between 2 less and 1 more). 0.6 returns are
those of the mixes that the limit was fitted to; they and the bounds were chosen on half of LFW's
people, and hold on the other half (docs/accuracy.md).
"""
_SIDE = 512
"""Rows and columns of a block: 1 MB an array, which a core's cache holds, and some 3 ms."""
_PAIRS_EACH = 32
"""Most pairs kept, times the number of faces: 640,000 of 20,000, 8 MB."""


def linking_places(places: Places, templates: Sequence[int], per_e_fold: float) -> Places:
    """Return the places, (n,), by which all the FaceIds of a store are linked.

    They have so many `templates`. Those with several need a higher score than those with one, and
    these a lower one the more often people came back. The limit grows by `per_e_fold` with ln of
    the visitors.
    """
    counts = np.array(templates, np.intp)
    single = per_e_fold * _e_folds_of_single(counts)
    asked = np.array([single, *_ASKED_OF_TEMPLATES[1:]], np.float32)
    added = asked[np.minimum(counts, len(asked)) - 1]
    return Places(places.mean + added * places.deviation, places.deviation)


def _e_folds_of_single(templates: NDArray[np.intp]) -> float:
    """Return what is asked in addition of a FaceId with one template, on either side.

    Nothing where no visit was learned: then it is not known how often people come back.
    """
    singles = np.count_nonzero(templates == 1)
    returns = int(templates.sum()) - len(templates)
    if not singles or not returns:
        return 0.0
    least, most = _E_FOLDS_OF_SINGLE
    return min(max(-math.log(returns / singles / _USUAL_RETURNS), least), most)


class LinkedGroup(NamedTuple):
    """Faces that are one person."""

    rows: tuple[int, ...]
    """Two or more row numbers, ascending."""
    score: float
    """The mean score of the last two parts that were joined, the least alike ones."""


class AlikePairs(NamedTuple):
    """Pairs of rows with a score that reaches a limit."""

    first: NDArray[np.int32]
    """Shape (k,): the lower row number of each pair."""
    second: NDArray[np.int32]
    """Shape (k,): the higher one."""
    scores: Floats
    """float32, shape (k,)."""

    def best(self, most: int) -> Self:
        """Return the `most` pairs with the highest scores."""
        if len(self.scores) <= most:
            return self
        picked = np.argpartition(self.scores, -most)[-most:]
        return type(self)(self.first[picked], self.second[picked], self.scores[picked])

    def and_those(self, found: Self) -> Self:
        """Return both together."""
        return type(self)(
            np.concatenate([self.first, found.first]),
            np.concatenate([self.second, found.second]),
            np.concatenate([self.scores, found.scores]),
        )


def _no_pause() -> None:
    """Go on at once."""


def alike_pairs(
    vectors: Vectors, places: Places, limit: float, pause: Callable[[], None] = _no_pause
) -> AlikePairs:
    """Return the pairs of unit `vectors` (n, d) with a score of `limit` or more.

    The best 32 n of them where there are more. `pause` is called after each block.
    """
    kept = AlikePairs(np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0, np.float32))
    starts = range(0, len(vectors), _SIDE)
    for row, column in combinations_with_replacement(starts, 2):
        found = _pairs_of_block(vectors, places, row, column, limit)
        kept = kept.and_those(found).best(_PAIRS_EACH * len(vectors))
        pause()
    return kept


def _pairs_of_block(
    vectors: Vectors, places: Places, row: int, column: int, limit: float
) -> AlikePairs:
    """Return the pairs of the rows from `row` on with those from `column` on that come later."""
    rows = np.arange(row, min(row + _SIDE, len(vectors)))
    columns = np.arange(column, min(column + _SIDE, len(vectors)))
    scores = _scores(vectors, places, rows, columns)
    one, other = np.nonzero((scores >= limit) & (columns > rows[:, None]))
    first, second = rows[one].astype(np.int32), columns[other].astype(np.int32)
    return AlikePairs(first, second, scores[one, other])


def _scores(
    vectors: Vectors,
    places: Places,
    rows: NDArray[np.intp] | Sequence[int],
    columns: NDArray[np.intp] | Sequence[int],
) -> Floats:
    one, other = np.asarray(rows), np.asarray(columns)
    cosine = vectors[one] @ vectors[other].T
    return pair_scores(cosine, places.of(one).rows, places.of(other))


def linked_groups(
    vectors: Vectors,
    places: Places,
    limit: float,
    apart: Iterable[tuple[int, int]] = (),
    pause: Callable[[], None] = _no_pause,
) -> list[LinkedGroup]:
    """Return the groups of two or more of the unit `vectors` (n, d), by their first rows.

    `places` are those of the vectors among the cohort. Pairs in `apart` are never in one group,
    whatever is joined around them. Means that are equal are joined by the lowest row numbers.
    `pause` is called now and then, for who computes beside other work.

    Memory follows n, not n²: where there are more than 32 n pairs that reach the limit, as with
    very many pictures of one person, groups may stay in parts, and no group is wrong for it.
    """
    pairs = alike_pairs(vectors, places, limit, pause)
    linkage = _Linkage(vectors, places, limit, apart)
    linkage.begin(pairs)
    while linkage.join_next():
        pause()
    return linkage.groups()


class _Linkage:
    """Groups under way, each named by its lowest row number."""

    def __init__(
        self, vectors: Vectors, places: Places, limit: float, apart: Iterable[tuple[int, int]]
    ) -> None:
        self._vectors = vectors
        self._places = places
        self._limit = limit
        self._rows: dict[int, list[int]] = {}
        self._sums: defaultdict[int, dict[int, float]] = defaultdict(dict)
        """By two groups that hold a kept pair, the sum of the scores of all pairs between them."""
        self._apart: defaultdict[int, set[int]] = defaultdict(set)
        self._joined_at: dict[int, float] = {}
        self._heap: list[tuple[float, int, int]] = []
        for one, other in apart:
            self._apart[one].add(other)
            self._apart[other].add(one)

    def begin(self, pairs: AlikePairs) -> None:
        """Take the pairs of single rows."""
        for one, other, score in zip(*(values.tolist() for values in pairs), strict=True):
            for row in (one, other):
                self._rows.setdefault(row, [row])
            self._note(one, other, score)

    def join_next(self) -> bool:
        """Join the two groups that are most alike; False when no two reach the limit."""
        while self._heap:
            negative, one, other = heapq.heappop(self._heap)
            if other in self._sums[one] and self._mean(one, other) == -negative:
                self._join(one, other)
                self._joined_at[one] = -negative
                return True
        return False

    def groups(self) -> list[LinkedGroup]:
        """Return the groups that were joined of two rows or more."""
        return [
            LinkedGroup(tuple(sorted(self._rows[name])), self._joined_at[name])
            for name in sorted(self._joined_at)
        ]

    def _mean(self, one: int, other: int) -> float:
        return self._sums[one][other] / (len(self._rows[one]) * len(self._rows[other]))

    def _note(self, one: int, other: int, total: float) -> None:
        """Take note of the sum between two groups, unless they may never be joined."""
        if other in self._apart[one]:
            return
        self._sums[one][other] = self._sums[other][one] = total
        mean = self._mean(one, other)
        if mean >= self._limit:
            heapq.heappush(self._heap, (-mean, min(one, other), max(one, other)))

    def _join(self, one: int, other: int) -> None:
        """Make two groups one, with the name of the first, the lower."""
        totals = {
            near: self._sum(one, near) + self._sum(other, near)
            for near in sorted((self._sums[one].keys() | self._sums[other].keys()) - {one, other})
        }
        self._forget(other)
        self._rows[one] += self._rows.pop(other)
        self._joined_at.pop(other, None)
        for far in self._apart.pop(other, set()):
            self._apart[far].remove(other)
            self._apart[far].add(one)
            self._apart[one].add(far)
        self._forget(one)
        for near, total in totals.items():
            self._note(one, near, total)

    def _sum(self, one: int, other: int) -> float:
        known = self._sums[one].get(other)
        if known is not None:
            return known
        scores = _scores(self._vectors, self._places, self._rows[one], self._rows[other])
        return float(scores.sum(dtype=np.float64))

    def _forget(self, name: int) -> None:
        for near in self._sums.pop(name):
            del self._sums[near][name]
