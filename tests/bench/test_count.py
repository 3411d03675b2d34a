"""The benchmark of counting says which bars are missed, and by how much."""

from datetime import timedelta
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from bench.count.bars import (
    exit_code,
    verdict_of_looking_again,
    verdicts_of_count,
    verdicts_of_intervals,
)
from bench.count.cameras import moments
from bench.count.cases import CASES, DAYS
from bench.count.on_vectors import IntervalDraws
from bench.count.through_http import HttpCount, tally_of
from facegate.evaluation.counting.drawn_people import draw_people
from facegate.evaluation.counting.mix import Mix
from facegate.evaluation.counting.tally import CountedVisits, Tally
from facegate.evaluation.counting.visit_plan import PlannedVisit, VisitPlan, draw_plan
from facegate.evaluation.photographs import Photographs, Rows
from scoring.cohort import unit
from scoring.visitor_estimate import CountEstimate


def rows(*numbers: int) -> Rows:
    return np.array(numbers, np.intp)


def tally(person: Rows, counted: Rows) -> Tally:
    nothing = np.zeros_like(person)
    return Tally.of(CountedVisits(person, counted, nothing, nothing, nothing))


def http_count(uv: int, estimate: int, *, pv: int = 150, looked_again: bool = True) -> HttpCount:
    """Return the first case: 100 people, of whom two are counted as one."""
    person = np.arange(100)
    traffic: dict[str, Any] = {
        "pv": pv,
        "uv": uv,
        "uv_estimate": {"value": estimate, "low": 90, "high": 110},
    }
    counted = np.where(person == 1, 0, person)
    return HttpCount(CASES[0], 100, 150, traffic, tally(person, counted), looked_again, [1.0])


def test_a_true_count_meets_every_bar() -> None:
    verdicts = list(verdicts_of_count(http_count(uv=107, estimate=97)))

    assert [verdict.met for verdict in verdicts] == [True] * 5
    assert exit_code(verdicts) == 0


def test_each_bar_that_is_missed_has_its_line() -> None:
    count = http_count(uv=109, estimate=95, pv=149, looked_again=False)

    verdicts = list(verdicts_of_count(count))

    assert exit_code(verdicts) == 1
    name = CASES[0].name
    assert [verdict.line for verdict in verdicts] == [
        f"bar: {name}: PV right to the unit: MISSED (-1)",
        f"bar: {name}: UV within 8%: MISSED (+9.0%)",
        f"bar: {name}: estimate within 4%: MISSED (-5.0%)",
        f"bar: {name}: FaceIds of several people at most 3%: met (1.0%)",
        f"bar: {name}: looked at again: MISSED (no)",
    ]


def test_a_gateway_that_estimates_nothing_misses_the_bar() -> None:
    count = http_count(uv=100, estimate=100)
    del count.traffic["uv_estimate"]

    [verdict] = [one for one in verdicts_of_count(count) if "estimate" in one.bar]

    assert (verdict.met, verdict.measured) == (False, "none")


@pytest.mark.parametrize(("holding", "width", "met"), [(9, 5, [True, True]), (8, 6, [False] * 2)])
def test_intervals_hold_often_enough_and_are_narrow(
    holding: int, width: int, met: list[bool]
) -> None:
    person = np.arange(100)
    right = CountEstimate(100, 100 - width, 100 + width)
    wrong = CountEstimate(120, 120 - width, 120 + width)
    drawn = IntervalDraws(
        [tally(person, person)] * 10, [right] * holding + [wrong] * (10 - holding)
    )

    verdicts = list(verdicts_of_intervals(drawn))

    assert [verdict.met for verdict in verdicts] == met
    assert drawn.off == pytest.approx(0.2 * (1 - holding / 10))


def test_looking_again_has_two_minutes() -> None:
    assert verdict_of_looking_again(119.0).met
    assert not verdict_of_looking_again(121.0).met


def test_visits_of_a_person_are_hours_apart_and_of_the_last_week() -> None:
    each = np.repeat(np.arange(60), 9)
    vectors = unit(np.eye(128, dtype=np.float32)[each % 128])
    photographs = Photographs(tuple(map(str, range(60))), each, vectors, vectors, vectors, "any")
    plan = draw_plan(photographs, Mix(10, 50, (2, 8), days=DAYS), np.random.default_rng(1))

    at = moments(plan.visits)

    assert at == sorted(at)
    assert timedelta(days=6) < at[-1] - at[0] < timedelta(days=7)
    for person in range(60):
        own = [when for when, visit in zip(at, plan.visits, strict=True) if visit.person == person]
        assert all(b - a > timedelta(hours=1) for a, b in pairwise(own))


def test_the_record_says_as_whom_people_were_counted() -> None:
    visits = [PlannedVisit(0, person, 0, rows(0)) for person in (0, 0, 1, 2)]

    counted = tally_of(
        VisitPlan(tuple(visits), ()), ["7", "8", "9", None], {"7": 1, "8": 2, "9": 2}
    )

    assert (counted.pv, counted.uv, counted.true_uv) == (3, 2, 2)
    assert (counted.people_counted_once, counted.faceids_of_several) == (1, 1)


def test_drawn_people_are_new_ones_as_far_from_their_pictures_as_real_ones() -> None:
    random = np.random.default_rng(3)
    groups = 3 * random.normal(size=(20, 128)).repeat(15, axis=0)
    persons = unit((groups + random.normal(size=(300, 128))).astype(np.float32))
    person = np.repeat(np.arange(300), 3)
    vectors = unit(persons[person] + 0.05 * random.normal(size=(900, 128)).astype(np.float32))
    real = Photographs(tuple(map(str, range(300))), person, vectors, vectors, vectors, "any")

    drawn = draw_people(real, 500, pictures=4, seed=1)

    assert len(drawn.people) == 500
    assert drawn.vectors.shape == (2000, 128)
    assert (drawn.vectors @ real.vectors.T).max() < 0.99
    first = drawn.vectors[::4] * drawn.vectors[1::4]
    assert np.median(first.sum(axis=1)) == pytest.approx(
        np.median((vectors[::3] * vectors[1::3]).sum(axis=1)), abs=0.03
    )
