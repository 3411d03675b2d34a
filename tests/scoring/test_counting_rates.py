"""Rates of counting wrongly follow what a store sees, between what was measured and no further."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.messages.counting_rates import MeasuredRates
from scoring.counting_rates import CountingTable, SeenVisits, counting_table


def row(visitors: float, frames: float, missed: float, visits_each: float = 2) -> MeasuredRates:
    return MeasuredRates(
        visitors=visitors,
        visits_each=visits_each,
        frames=frames,
        missed=missed,
        confused=missed / 10,
        missed_deviation=missed / 5,
        confused_deviation=missed / 50,
    )


TABLE = CountingTable(
    model="m",
    rates=(row(100, 1, 0.1), row(10_000, 1, 0.2), row(100, 3, 0.03), row(10_000, 3, 0.06)),
)


@pytest.mark.parametrize("measured", TABLE.rates)
def test_what_was_measured_is_as_measured(measured: MeasuredRates) -> None:
    visits = round(measured.visitors * 2)

    found = TABLE.at(SeenVisits(round(measured.visitors), visits, measured.frames))

    assert found.missed == pytest.approx(measured.missed)
    assert found.confused == pytest.approx(measured.confused)
    assert found.missed_deviation == pytest.approx(measured.missed_deviation)
    assert found.confused_deviation == pytest.approx(measured.confused_deviation)


def test_rates_between_are_between() -> None:
    missed = [
        TABLE.at(SeenVisits(visitors, visitors * 2, 1)).missed for visitors in (200, 1000, 5000)
    ]

    assert missed == sorted(missed)
    assert 0.03 < missed[0] < missed[2] < 0.2
    assert TABLE.at(SeenVisits(100, 200, 2)).missed < TABLE.at(SeenVisits(100, 200, 1)).missed


@given(st.integers(0, 10**9), st.integers(0, 10**9), st.floats(1, 100))
def test_whatever_is_seen_rates_are_among_the_measured(
    visitors: int, visits: int, frames: float
) -> None:
    found = counting_table().at(SeenVisits(visitors, visits, frames))

    for name in ("missed", "confused", "missed_deviation", "confused_deviation"):
        measured = [getattr(each, name) for each in counting_table().rates]
        assert min(measured) - 1e-9 <= getattr(found, name) <= max(measured) + 1e-9


def test_beyond_what_was_measured_rates_stay_as_at_the_border() -> None:
    assert TABLE.at(SeenVisits(1, 2, 1)) == TABLE.at(SeenVisits(100, 200, 1))
    assert TABLE.at(SeenVisits(10**8, 2 * 10**8, 90)) == TABLE.at(SeenVisits(10_000, 20_000, 3))
