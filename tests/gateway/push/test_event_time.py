"""When an event was, however its camera's clock says it."""

from datetime import UTC, datetime, timedelta

import pytest

from gateway.push.event_time import moment_said
from gateway.recognition.capture_time import CaptureTime

NOW = datetime(2026, 5, 4, 1, 31, tzinfo=UTC)
THEN = datetime(2026, 5, 4, 1, 30, tzinfo=UTC)
SECONDS = int(THEN.timestamp())
SHANGHAI = 8 * 3600


@pytest.mark.parametrize(
    "text",
    [
        *("2026-05-04T09:30:00+08:00", "2026-05-04T01:30:00Z", "2026-05-04T01:30:00.000Z"),
        *("2026-05-04T09:30:00", "2026-05-04 09:30:00", "2026/05/04 09:30:00", " 20260504093000 "),
        *("20260504093000123", "20260504T013000Z", "04-05-2026 09:30:00", "04.05.2026 09:30:00"),
        *("2026-05-04T09:30+08:00", str(SECONDS), f"{SECONDS}.0", str(SECONDS * 1000)),
    ],
)
def test_a_time_without_a_zone_is_the_stores(text: str) -> None:
    assert moment_said(text, "Asia/Shanghai", NOW) == THEN


@pytest.mark.parametrize(
    "text",
    ["", "noon", "12", "2026-13-01T00:00:00", "99999999999999", "9" * 400, "１７７７８５８２００"],
)
def test_what_is_no_time_says_none(text: str) -> None:
    assert moment_said(text, "Asia/Shanghai", NOW) is None


@pytest.mark.parametrize("seconds", [SECONDS, SECONDS + SHANGHAI])
def test_seconds_of_the_cameras_own_clock_are_told_by_what_is_nearer(seconds: int) -> None:
    assert moment_said(str(seconds), "Asia/Shanghai", NOW, wall=True) == THEN


@pytest.mark.parametrize("hour", [0, 1])
def test_an_hour_that_is_shown_twice_is_the_one_that_is_nearer(hour: int) -> None:
    now = datetime(2026, 10, 25, hour, 40, tzinfo=UTC)

    found = moment_said("2026-10-25 02:30:00", "Europe/Berlin", now)

    assert found == now - timedelta(minutes=10)


def test_a_clock_is_believed_within_a_week() -> None:
    soon = NOW + timedelta(seconds=5)

    assert CaptureTime.believed(THEN, NOW) == CaptureTime(THEN, NOW, ahead=THEN - NOW)
    assert CaptureTime.believed(soon, NOW) == CaptureTime(NOW, NOW, ahead=soon - NOW)
    assert CaptureTime.believed(None, NOW) == CaptureTime(NOW, NOW)


@pytest.mark.parametrize("days", [-8, -20_000, 1, 20_000])
def test_a_wrong_clock_loses_no_visit(days: int) -> None:
    time = CaptureTime.believed(NOW + timedelta(days=days), NOW)

    assert (time.at, time.clock_ahead, time.doubted) == (NOW, days > 0, True)
