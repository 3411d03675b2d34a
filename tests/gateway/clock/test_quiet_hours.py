"""Quiet hours are those of the clock on the store's wall."""

from datetime import UTC, datetime

import pytest

from gateway.clock.quiet_hours import QuietHours
from gateway.clock.store_clock import milliseconds


def at(hour: int, minute: int = 0) -> int:
    return milliseconds(datetime(2026, 5, 4, hour, minute, tzinfo=UTC))


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("03:00-05:00", {3, 4}),
        ("23:00-02:00", {23, 0, 1}),
        ("00:00-01:00", {0}),
    ],
)
def test_they_hold_from_one_time_to_before_the_other(text: str, hours: set[int]) -> None:
    quiet = QuietHours.parse(text)

    assert {hour for hour in range(24) if quiet.hold(at(hour, 59), "UTC")} == hours


def test_they_are_the_stores_own() -> None:
    quiet = QuietHours.parse("03:00-05:00")

    assert quiet.hold(at(20), "Asia/Shanghai")
    assert not quiet.hold(at(20), "UTC")


@pytest.mark.parametrize("text", ["3-5", "03:00", "24:00-25:00", "03:00-03:00", "03:00-05:00 ", ""])
def test_what_is_no_time_of_the_day_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not two times of a day"):
        QuietHours.parse(text)
