"""Faces of one person are found among many, as average linkage over all pairs finds them."""

import math
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.vectors import Vectors
from scoring import linkage
from scoring.cohort import Cohort, Places, pair_scores, unit
from scoring.linkage import alike_pairs, linked_groups, linking_places
from scoring.parameters import LinkingLimit

COHORT = Cohort(np.empty((0, 24), np.float32), best=20, typical=(0.3, 0.1))
PER_E_FOLD = 1.2
FIRST, SECOND = np.array([0]), np.array([1])


def faces(people: int, each: int, seed: int, noise: float = 0.25) -> Vectors:
    """Return `each` unit vectors of so many people, one person after the other."""
    random = np.random.default_rng(seed)
    centres = np.repeat(random.normal(size=(people, 24)), each, axis=0)
    drawn = centres + noise * random.normal(size=centres.shape) + 1.5
    return unit(drawn.astype(np.float32))


def all_scores(vectors: Vectors) -> Vectors:
    places = COHORT.place(vectors)
    return pair_scores(vectors @ vectors.T, places.rows, places)


def naive(vectors: Vectors, limit: float, apart: set[tuple[int, int]]) -> list[tuple[int, ...]]:
    """Return the groups by comparing every two groups before every joining."""
    scores = all_scores(vectors)
    groups: list[tuple[int, ...]] = [(row,) for row in range(len(vectors))]

    def mean(one: tuple[int, ...], other: tuple[int, ...]) -> float:
        return float(scores[np.ix_(one, other)].mean(dtype=np.float64))

    def free(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
        return not any((a, b) in apart or (b, a) in apart for a in one for b in other)

    while pairs := [
        (mean(one, other), one, other)
        for one, other in combinations(groups, 2)
        if free(one, other) and mean(one, other) >= limit
    ]:
        _, one, other = max(pairs)
        groups = [group for group in groups if group not in (one, other)]
        groups.append(tuple(sorted(one + other)))
    return sorted(group for group in groups if len(group) > 1)


@st.composite
def cases(draw: st.DrawFn) -> tuple[Vectors, float, set[tuple[int, int]]]:
    people, each = draw(st.integers(1, 6)), draw(st.integers(1, 4))
    vectors = faces(people, each, draw(st.integers(0, 2**32)), draw(st.floats(0.1, 1.5)))
    scores = np.sort(all_scores(vectors)[np.triu_indices(len(vectors), 1)])
    quantile = draw(st.floats(0, 1))
    limit = float(np.quantile(scores, quantile)) + 1e-3 if len(scores) else 0.0
    rows = st.integers(0, len(vectors) - 1)
    pairs = st.tuples(rows, rows).filter(lambda pair: pair[0] != pair[1])
    apart = draw(st.sets(pairs, max_size=6)) if len(vectors) > 1 else set()
    return vectors, limit, apart


@given(cases())
@settings(deadline=None)
def test_groups_are_those_of_average_linkage_over_all_pairs(
    case: tuple[Vectors, float, set[tuple[int, int]]],
) -> None:
    vectors, limit, apart = case

    found = linked_groups(vectors, COHORT.place(vectors), limit, apart)

    assert [group.rows for group in found] == naive(vectors, limit, apart)
    assert all(group.score >= limit for group in found)


def test_everybody_is_put_together_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linkage, "_SIDE", 7)  # blocks that people are spread over
    vectors = faces(people=30, each=3, seed=5, noise=0.1)

    found = linked_groups(vectors, COHORT.place(vectors), limit=40)

    assert [group.rows for group in found] == [(n, n + 1, n + 2) for n in range(0, 90, 3)]


def test_who_is_apart_stays_apart_however_alike() -> None:
    vectors = np.repeat(faces(people=1, each=1, seed=6), 4, axis=0)

    found = linked_groups(vectors, COHORT.place(vectors), 5, apart=[(0, 2), (3, 0)])

    assert [group.rows for group in found] == [(0, 1), (2, 3)]


def test_the_score_of_a_group_is_the_mean_at_which_its_last_two_parts_were_joined() -> None:
    vectors = faces(people=1, each=3, seed=7)
    scores = all_scores(vectors)

    [group] = linked_groups(vectors, COHORT.place(vectors), limit=5)

    best = max(combinations(range(3), 2), key=lambda pair: scores[pair])
    [third] = set(range(3)) - set(best)
    assert group.score == pytest.approx(scores[list(best), third].mean(), rel=1e-5)


def test_nobody_is_nobody() -> None:
    nobody = np.empty((0, 24), np.float32)

    assert linked_groups(nobody, COHORT.place(nobody), 5) == []


def test_blocks_find_the_pairs_that_one_matrix_has(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linkage, "_SIDE", 8)
    vectors = faces(people=10, each=3, seed=8)

    pairs = alike_pairs(vectors, COHORT.place(vectors), limit=5)

    assert set(zip(pairs.first.tolist(), pairs.second.tolist(), strict=True)) == {
        (one, other) for one, other in np.argwhere(all_scores(vectors) >= 5).tolist() if one < other
    }


def test_memory_is_bounded_where_everybody_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linkage, "_PAIRS_EACH", 2)
    vectors = np.repeat(faces(people=1, each=1, seed=9), 50, axis=0)

    pairs = alike_pairs(vectors, COHORT.place(vectors), limit=5)
    found = linked_groups(vectors, COHORT.place(vectors), limit=5)

    assert len(pairs.scores) == 100  # of 1225
    assert found


def test_no_block_is_larger_than_some_rows_and_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linkage, "_SIDE", 128)
    sizes = list[tuple[int, ...]]()

    def scores(cosine: Vectors, probes: Places, templates: Places) -> Vectors:
        sizes.append(cosine.shape)
        return pair_scores(cosine, probes, templates)

    monkeypatch.setattr(linkage, "pair_scores", scores)
    vectors = faces(people=300, each=1, seed=10)
    pauses = list[int]()

    alike_pairs(vectors, COHORT.place(vectors), 12, pause=lambda: pauses.append(len(sizes)))

    whole, last = 128, 300 - 2 * 128
    assert sizes == [
        *[(whole, whole)] * 2,
        (whole, last),
        (whole, whole),
        (whole, last),
        (last, last),
    ]
    assert pauses == [1, 2, 3, 4, 5, 6]


def test_more_visitors_need_to_be_more_alike() -> None:
    limit_of = LinkingLimit().at
    limits = [limit_of(visitors) for visitors in (50, 200, 750, 20_000)]

    assert limits == sorted(limits)
    assert limits[1:] == [pytest.approx(limit, abs=0.05) for limit in (3.2, 4.5, 8.4)]
    assert limit_of(0) == limit_of(50)


def score_of_two(vectors: Vectors) -> float:
    places = COHORT.place(vectors)
    return float(pair_scores(vectors[0] @ vectors[1], places.of(FIRST), places.of(SECOND))[0])


def are_linked(vectors: Vectors, templates: list[int], limit: float) -> bool:
    """Say whether the first two of some faces, which have so many templates, are linked."""
    places = linking_places(COHORT.place(vectors), templates, PER_E_FOLD)
    return any(group.rows[:2] == (0, 1) for group in linked_groups(vectors, places, limit))


def test_faces_of_several_templates_need_to_be_more_alike() -> None:
    two = faces(people=1, each=2, seed=3)
    score = score_of_two(two)

    assert are_linked(two, [1, 1], score - 0.01)
    assert not are_linked(two, [5, 3], score - 3.9)
    assert are_linked(two, [5, 3], score - 4.1)


def test_a_face_of_one_template_needs_the_less_the_more_people_come_back() -> None:
    two = faces(people=1, each=2, seed=3)
    others = faces(people=40, each=1, seed=4)
    crowd = np.concatenate([two, others])
    score = score_of_two(two)

    def asked(of_others: list[int]) -> float:
        """Return the score that is asked of the two, who have one template each, in addition."""
        asked = np.arange(-5, 5, 0.05)
        linked = [extra for extra in asked if are_linked(crowd, [1, 1, *of_others], score - extra)]
        return float(min(linked))

    nobody, few, usual = [1] * 40, [1] * 36 + [2] * 4, [1] * 30 + [2] * 2 + [3] * 8
    many, all_others = [1] * 10 + [2] * 10 + [4] * 20, [3] * 40

    assert asked(nobody) == pytest.approx(0, abs=0.06)  # nobody was learned: nothing is known
    assert asked(few) == pytest.approx(2 * 1, abs=0.06)
    assert asked(usual) == pytest.approx(2 * -1.2 * math.log(18 / 32 / 0.6), abs=0.06)
    assert asked(many) == pytest.approx(2 * -2, abs=0.06)
    assert asked(all_others) == asked(many)
