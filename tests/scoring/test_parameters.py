"""One rate means the same in small and large stores."""

import math

import pytest

from scoring.false_rate import rate_per_side
from scoring.scoring_data import DATA, read_scoring_data

threshold = read_scoring_data(DATA).parameters.threshold


def test_more_templates_need_a_higher_score() -> None:
    needed = [threshold(templates, 0.01) for templates in (10, 50, 500, 5_000, 50_000)]

    assert needed == sorted(needed)
    assert len(set(needed)) == 5


def test_a_smaller_share_of_strangers_needs_a_higher_score() -> None:
    needed = [threshold(500, rate) for rate in (0.1, 0.01, 0.001, 0.0001)]

    assert needed == sorted(needed)
    assert len(set(needed)) == 4


def test_ten_times_the_templates_cost_as_much_as_a_tenth_of_the_rate() -> None:
    assert threshold(5_000, 0.001) == pytest.approx(threshold(500, 0.0001), abs=0.01)


def test_fused_frames_need_more() -> None:
    needed = [threshold(500, 0.01, frames) for frames in (1, 2, 3)]

    assert needed == sorted(needed)
    assert len(set(needed)) == 3
    assert threshold(500, 0.01, 20) == threshold(500, 0.01, 30)


def test_nothing_passes_where_nothing_is_searched() -> None:
    assert threshold(0, 0.01) == math.inf


def test_home_and_the_other_stores_share_the_rate() -> None:
    assert rate_per_side(0.01, home=100, others=900) == 0.005


@pytest.mark.parametrize(("home", "others"), [(100, 0), (0, 900)])
def test_an_empty_side_leaves_its_half_to_the_other(home: int, others: int) -> None:
    assert rate_per_side(0.01, home, others) == 0.01


def test_the_loosest_that_was_measured_is_the_loosest_there_is() -> None:
    assert threshold(1, 0.9) == threshold(1, 0.99)
