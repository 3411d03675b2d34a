"""The estimate is sane for whatever was counted, and holds the truth as often as it says."""

import math

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from contract.messages.counting_rates import MeasuredRates
from scoring.counting_rates import CountingTable, SeenVisits, counting_table
from scoring.visitor_estimate import CountingRates, estimate

RATES = CountingRates(0.12, 0.015, 0.012, 0.006)

shares = st.floats(0, 0.4)
rates = st.builds(CountingRates, shares, shares, st.floats(0, 0.2), st.floats(0, 0.2))
counts = st.integers(0, 5000).flatmap(
    lambda pv: st.tuples(st.integers(min(pv, 1), pv), st.just(pv))
)


@given(counts, rates)
def test_limits_are_numbers_of_people_who_can_have_come(
    counted: tuple[int, int], rates: CountingRates
) -> None:
    faces, visits = counted

    low, value, high = (
        estimate(faces, visits, rates, at_least=min(1, faces))[place] for place in (1, 0, 2)
    )

    assert min(1, faces) <= low <= value <= high <= visits


@given(counts, rates)
def test_more_faces_of_as_many_visits_are_no_fewer_people(
    counted: tuple[int, int], rates: CountingRates
) -> None:
    faces, visits = counted

    one, more = (estimate(n, visits, rates).value for n in (faces, min(faces + 1, visits)))

    assert one <= more


@given(counts)
def test_where_nobody_is_counted_wrongly_the_count_is_the_truth(counted: tuple[int, int]) -> None:
    assert estimate(*counted, CountingRates(0, 0)) == (counted[0],) * 3


@pytest.mark.parametrize("deviation", [0, 0.02, 0.125, 0.2])
def test_where_nobody_came_again_nobody_can_have_been_missed(deviation: float) -> None:
    for people in (9, 243, 280, 4999):
        assert estimate(people, people, CountingRates(0, 0, deviation)) == (people,) * 3


@given(counts, rates)
@example((243, 243), CountingRates(2**-24, 0, 0.125, 0))  # limits that are next to one
def test_rates_that_are_known_worse_rule_out_less(
    counted: tuple[int, int], rates: CountingRates
) -> None:
    sure = CountingRates(rates.missed, rates.confused)

    one, other = (estimate(*counted, each) for each in (sure, rates))

    assert one.value == other.value
    assert other.low <= one.low
    if one.high < counted[0] or other.high >= counted[0]:  # else the rates are contradicted
        assert one.high <= max(other.high, counted[0])


@pytest.mark.parametrize(
    ("counted", "visits", "expected"),
    [
        (0, 0, (0, 0, 0)),
        (1, 1, (1, 1, 1)),
        (2, 2, (2, 1, 2)),
        (1, 2, (1, 1, 2)),
        (5, 100, (1, 1, 5)),  # fewer than the misses alone would make: the rates do not fit
    ],
)
def test_few_visits_tell_little(counted: int, visits: int, expected: tuple[int, int, int]) -> None:
    assert estimate(counted, visits, RATES, at_least=min(1, counted)) == expected


def test_who_is_taken_for_somebody_absent_is_counted_all_the_same() -> None:
    month, day = RATES.within(1), RATES.within(0.1)

    assert month == RATES.within(3) == RATES
    assert day.missed == RATES.missed
    assert day.confused == pytest.approx(0.0015)
    assert estimate(100, 105, day).value < estimate(100, 105, month).value


def counted(
    visits_each: "np.ndarray[tuple[int], np.dtype[np.int64]]",
    rates: CountingRates,
    random: np.random.Generator,
) -> int:
    """Return the FaceIds of people who make so many visits, where chance has its way."""
    missed, confused = (
        random.normal(mean, deviation)
        for mean, deviation in (
            (rates.missed, rates.missed_deviation),
            (rates.confused, rates.confused_deviation),
        )
    )
    more = random.binomial(visits_each - 1, min(max(missed, 0), 1)).sum()
    return int(len(visits_each) + more - random.binomial(len(visits_each), max(confused, 0)))


@pytest.mark.parametrize("people", [8, 40, 750, 3000])
@pytest.mark.parametrize("often", [0.0, 0.3, 1.0])
def test_the_interval_holds_the_truth_in_95_of_100_cases(people: int, often: float) -> None:
    random = np.random.default_rng(people)
    held = 0
    for _ in range(400):
        regular = random.random(people) < often
        visits = np.where(regular, random.integers(2, 9, people), 1)
        found = estimate(counted(visits, RATES, random), int(visits.sum()), RATES, at_least=1)
        held += found.low <= people <= found.high

    assert held >= 400 * 0.95 - 3 * math.sqrt(400 * 0.95 * 0.05)


class Store:
    """Counts people of whom each has a chance of their own of being missed, less with each visit.

    So it is nothing that the estimate supposes: it knows one chance for all visits.
    """

    def __init__(self, seed: int) -> None:
        self._random = np.random.default_rng(seed)

    def count(self, once: int, often: int) -> tuple[int, int, int]:
        """Return the FaceIds, the visits, and the FaceIds that were one too many."""
        visits = np.append(np.ones(once, np.int64), self._random.integers(2, 9, often))
        chances = self._random.beta(0.5, 4, len(visits))
        fading = 0.7 ** np.arange(8)
        again = np.arange(1, 9) < visits[:, None]
        parts = (again & (self._random.random((len(visits), 8)) < chances[:, None] * fading)).sum()
        vanished = self._random.binomial(len(visits), 0.00002 * len(visits))
        return int(len(visits) + parts - vanished), int(visits.sum()), int(parts)


def measured(seed: int) -> CountingTable:
    """Return the rates of some mixes, of other people than those with that seed."""
    rows = []
    for once, often in ((60, 20), (150, 150), (900, 100), (400, 500), (1500, 1500)):
        people, store = once + often, Store(seed)
        drawn = np.array([store.count(once, often) for _ in range(20)], float)
        faces, visits, parts = drawn.T
        missed, confused = parts / (visits - people), (people + parts - faces) / people
        rows.append(
            MeasuredRates(
                visitors=faces.mean(),
                visits_each=(visits / faces).mean(),
                frames=1,
                missed=missed.mean(),
                confused=confused.mean(),
                missed_deviation=0.2 * missed.mean(),
                confused_deviation=0.004,
            )
        )
    return CountingTable(model="m", rates=tuple(rows))


@pytest.mark.parametrize(
    ("once", "often", "widest"), [(500, 250, 0.05), (30, 60, 0.12), (2000, 700, 0.05)]
)
def test_rates_of_other_people_and_other_mixes_estimate_how_many_came(
    once: int, often: int, widest: float
) -> None:
    table, store, people = measured(seed=1), Store(seed=2), once + often
    found, counts = [], []
    for _ in range(30):
        faces, visits, _ = store.count(once, often)
        rates = table.at(SeenVisits(faces, visits, 1))
        found.append(estimate(faces, visits, rates, at_least=1))
        counts.append(faces)

    assert np.mean(counts) > 1.01 * people
    assert np.mean([each.value for each in found]) == pytest.approx(people, rel=0.03)
    assert sum(each.low <= people <= each.high for each in found) >= 27
    assert np.mean([each.high - each.low for each in found]) / 2 <= widest * people


def test_the_shipped_rates_leave_a_usual_mix_within_five_parts_of_a_hundred() -> None:
    """500 people once and 250 three times in the mean, of those from whom no rate was measured."""
    rates = counting_table().at(SeenVisits(740, 1230, 1))

    found = estimate(740, 1230, rates, at_least=1)

    assert found.low <= 750 <= found.high
    assert (found.high - found.low) / 2 <= 0.05 * 750
