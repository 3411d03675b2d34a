"""What `from` and `to` mean on a clock that is changed twice a year, and at the ends of time."""

from itertools import product

import pytest

from contract.errors import BadTime
from gateway.footfall.period import Period
from gateway.record.visits.footfall_counts import By

BERLIN, SHANGHAI = "Europe/Berlin", "Asia/Shanghai"
DAY = "2026-10-25"
"""In Berlin 03:00+02:00 is 02:00+01:00: the hour from two to three is shown twice."""


def hours(start: str, end: str, zone: str | None = BERLIN) -> tuple[str, str]:
    period = Period.of("hour", start, end, zone)
    return period.start, period.end


@pytest.mark.parametrize(
    ("start", "end", "shown"),
    [
        (f"{DAY}T02:10+02:00", f"{DAY}T02:20+02:00", ("02:00", "03:00")),
        (f"{DAY}T02:50+02:00", f"{DAY}T02:10+01:00", ("02:00", "03:00")),
        (f"{DAY}T02:10+01:00", f"{DAY}T02:20+01:00", ("02:00", "03:00")),
        # Until just before it is two for the second time, the clock showed two for an hour.
        (f"{DAY}T01:00+02:00", f"{DAY}T02:00+01:00", ("01:00", "03:00")),
        (f"{DAY}T01:00+02:00", f"{DAY}T02:00+02:00", ("01:00", "02:00")),
        (f"{DAY}T02:10", f"{DAY}T02:20", ("02:00", "03:00")),
        (f"{DAY}T00:00", f"{DAY}T02:00", ("00:00", "02:00")),
        (f"{DAY}T00:30Z", f"{DAY}T01:30Z", ("02:00", "03:00")),
        (f"{DAY}T01:00:00.0000001Z", f"{DAY}t02:00:00z", ("02:00", "03:00")),
    ],
)
def test_the_hour_that_is_shown_twice_is_one(start: str, end: str, shown: tuple[str, str]) -> None:
    assert hours(start, end) == (f"{DAY}T{shown[0]}", f"{DAY}T{shown[1]}")


@pytest.mark.parametrize(
    ("start", "end", "shown"),
    [
        ("00:00Z", "02:00Z", ("01:00", "04:00")),  # two hours, between which the clock skips one
        ("01:59+01:00", "03:01+02:00", ("01:00", "04:00")),
        ("01:00+01:00", "03:00+02:00", ("01:00", "02:00")),
        ("02:30", "03:00", ("02:00", "03:00")),  # what the clock never shows is an hour of nobody
    ],
)
def test_the_hour_that_is_skipped_has_a_row(start: str, end: str, shown: tuple[str, str]) -> None:
    found = hours(f"2026-03-29T{start}", f"2026-03-29T{end}")

    assert found == (f"2026-03-29T{shown[0]}", f"2026-03-29T{shown[1]}")


def test_a_day_of_25_hours_is_a_day() -> None:
    period = Period.of("day", f"{DAY}T00:00+02:00", "2026-10-26T00:00+01:00", BERLIN)

    assert (period.start, period.end, len(period.numbers)) == (DAY, "2026-10-26", 1)


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2026-05-04", "2026-05-04"),
        ("2026-05-05", "2026-05-04"),
        ("2026-05-04T10:00", "2026-05-04T09:00"),
        ("2026-05-04T10:00", "2026-05-04T10:00"),
        ("2026-05-04T10:00Z", "2026-05-04T17:00+08:00"),
        ("2026-05-04T10:00Z", "2026-05-04T17:00"),
        (f"{DAY}T02:10+01:00", f"{DAY}T02:50+02:00"),
        ("9990-01-01", None),
    ],
)
@pytest.mark.parametrize("by", ["hour", "day", "week"])
def test_a_range_that_ends_before_it_begins_is_refused(by: By, start: str, end: str | None) -> None:
    with pytest.raises(BadTime, match="`from` is not before `to`"):
        Period.of(by, start, end, SHANGHAI)


EDGES = [
    *("0000-01-01", "0001-01-01", "0001-01-01T00:00:00+23:59", "1969-12-31T23:59:59-23:59"),
    *("1970-01-01", "1970-01-01T00:00+14:00", "1970-01-01T23:59:60Z", "9998-12-31T23:59:59-23:59"),
    *("9999-12-31", "9999-12-31T23:59:59", "9999-12-31T23:59:59Z", "9999-12-31T23:59:59-12:00"),
]


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago", "UTC", None])
@pytest.mark.parametrize("by", ["hour", "day", "week"])
def test_at_the_ends_of_time_there_is_a_period_or_a_bad_time(by: By, zone: str | None) -> None:
    served = 0
    for start, end in product([None, *EDGES], [None, *EDGES]):
        try:
            period = Period.of(by, start, end, zone)
        except BadTime:
            continue
        assert period.start < period.end
        served += 1
    assert served


def test_clocks_that_differ_have_no_offset_in_common() -> None:
    assert hours("2026-05-04T09:00", "2026-05-04T10:00", None)[0] == "2026-05-04T09:00"
    with pytest.raises(BadTime, match="the clocks of the stores differ"):
        hours("2026-05-04T09:00Z", "2026-05-04T10:00", None)
