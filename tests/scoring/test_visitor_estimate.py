"""The estimate is sane for whatever was counted, and holds the truth as often as it says."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

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


@given(counts, rates)
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


@pytest.mark.parametrize("people", [8, 40, 750, 20_000])
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
