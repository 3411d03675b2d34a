"""Hours of every day, which may be over midnight."""

import pytest

from contract.stores.daily_hours import DailyHours


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("03:00-05:00", {3, 4}),
        ("23:00-02:00", {23, 0, 1}),
        ("00:00-01:00", {0}),
    ],
)
def test_they_hold_from_one_time_to_before_the_other(text: str, hours: set[int]) -> None:
    daily = DailyHours.parse(text)

    assert {hour for hour in range(24) if daily.hold(f"{hour:02}:59")} == hours
    assert str(daily) == text


def test_they_know_since_when_they_are_held() -> None:
    night = DailyHours.parse("22:30-06:00")

    shown = {time: night.minutes_since_start(time) for time in ("22:30", "00:15", "05:59", "06:00")}
    assert shown == {"22:30": 0, "00:15": 105, "05:59": 449, "06:00": None}


@pytest.mark.parametrize(
    "text", ["3-5", "03:00", "24:00-25:00", "03:00-03:00", "03:00-05:00 ", "", 5, None]
)
def test_what_is_no_time_of_the_day_is_refused(text: object) -> None:
    with pytest.raises(ValueError, match="not two times of a day"):
        DailyHours.parse(text)
