"""A clock that jumps is believed once it has stood; until then nothing expires by it."""

from datetime import timedelta

import pytest

from gateway.clock.steady_clock import Reading, SteadyClock

SECOND = 1000
MINUTE, HOUR, DAY = 60 * SECOND, 3_600_000, 24 * 3_600_000
START = 20_000 * DAY
MONTH = 31 * DAY


class Time:
    """The clock on the wall and the monotonic one; what is asked for them is looked at."""

    def __init__(self) -> None:
        self.wall = START
        self.up = 5.0
        self.steady = SteadyClock(lambda: self.wall, lambda: self.up)

    def jumps(self, ms: int) -> None:
        """Have the clock on the wall, which is looked at at once, show another time."""
        self.wall += ms
        self.steady()

    def passes(self, ms: int, look: int = MINUTE) -> int:
        """Let time pass, with a look every so often; return the believed time."""
        for _ in range(ms // look):
            self.wall += look
            self.up += look / 1000
            self.steady()
        return self.steady()

    def process_starts(self, last: Reading | None) -> None:
        self.up = 5.0
        self.steady = SteadyClock(lambda: self.wall, lambda: self.up)
        self.steady.resume(last)


@pytest.fixture
def time() -> Time:
    return Time()


def test_a_clock_that_goes_on_is_believed(time: Time) -> None:
    assert time.passes(40 * DAY, look=4 * MINUTE) == time.wall == START + 40 * DAY
    assert time.steady.status.steady


def test_a_jump_for_a_moment_is_never_believed(
    time: Time, caplog: pytest.LogCaptureFixture
) -> None:
    time.jumps(MONTH)
    assert time.passes(HOUR) == START + HOUR
    status = time.steady.status
    assert (status.steady, status.ahead_seconds) == (False, MONTH // SECOND)
    assert status.waits_seconds == 5 * 3600
    assert "the clock jumped ahead by 31 days, 0:00:00" in caplog.text

    time.wall -= MONTH
    assert time.passes(10 * HOUR) == time.wall == START + 11 * HOUR
    assert time.steady.status.steady


def test_a_jump_that_stands_is_believed_by_itself(time: Time) -> None:
    time.jumps(MONTH)

    assert time.passes(6 * HOUR - MINUTE) == START + 6 * HOUR - MINUTE
    assert time.passes(2 * MINUTE) == time.wall
    assert time.steady.status.steady


@pytest.mark.parametrize(
    ("jump", "stands"),
    [(MINUTE, 10 * MINUTE), (5 * HOUR, 30 * MINUTE), (3 * DAY, 6 * HOUR), (MONTH, 6 * HOUR)],
)
def test_the_longer_the_jump_the_longer_it_has_to_stand(time: Time, jump: int, stands: int) -> None:
    time.jumps(jump)

    assert time.passes(stands - MINUTE) == time.wall - jump
    assert time.passes(MINUTE) == time.wall


def test_one_that_jumps_about_is_not_believed(time: Time) -> None:
    for days in range(1, 40):
        time.wall = START + days * DAY
        assert time.passes(2 * HOUR) == START + days * 2 * HOUR


def test_one_that_runs_too_fast_is_not_believed(time: Time) -> None:
    for _ in range(24 * 60):
        time.wall += MINUTE  # twice as fast as the monotonic one
        time.passes(MINUTE)

    assert time.steady() <= START + 26 * HOUR
    assert not time.steady.status.steady


def test_what_a_time_server_sets_right_is_believed_little_by_little(time: Time) -> None:
    time.wall += 20 * SECOND

    assert time.passes(MINUTE) < time.wall
    assert time.passes(HOUR) == time.wall
    assert time.steady.status.steady


def test_one_that_goes_back_is_believed_at_once(time: Time) -> None:
    time.wall -= MONTH

    assert time.steady() == time.wall
    assert time.steady.status.steady


def test_a_process_that_was_halted_cannot_vouch_for_the_time(time: Time) -> None:
    time.wall += MONTH
    time.up += MONTH / 1000  # both clocks went on, and nobody looked

    assert time.steady() < START + 10 * MINUTE
    assert not time.steady.status.steady


def test_a_gateway_that_was_off_for_a_month_believes_the_clock_in_a_while(time: Time) -> None:
    last = time.steady.reading()
    time.wall += MONTH
    time.process_starts(last)

    assert time.steady() == START
    assert not time.steady.status.steady
    assert time.passes(6 * HOUR) == time.wall


def test_a_restart_in_between_costs_nothing(time: Time) -> None:
    last = time.steady.reading()
    time.wall += 5 * MINUTE
    time.process_starts(last)

    assert time.steady() == time.wall
    assert time.steady.status.steady


def test_what_has_stood_before_a_restart_counts(time: Time) -> None:
    time.jumps(MONTH)
    time.passes(4 * HOUR)
    time.process_starts(time.steady.reading())

    assert time.passes(HOUR) == START + 5 * HOUR
    assert time.passes(HOUR) == time.wall


def test_a_machine_that_is_off_every_night_and_for_a_month_gets_there(time: Time) -> None:
    last = time.steady.reading()
    time.wall += MONTH
    for _ in range(3):
        time.process_starts(last)
        believed = time.passes(2 * HOUR)
        last = time.steady.reading()
        time.wall += 22 * HOUR

    assert believed == time.wall - 22 * HOUR


def test_a_clock_that_was_wrong_before_the_restart_has_to_stand_anew(time: Time) -> None:
    time.jumps(2 * MONTH)
    time.passes(5 * HOUR)
    last = time.steady.reading()
    time.wall -= MONTH
    time.process_starts(last)

    assert time.passes(5 * HOUR) == START + 10 * HOUR
    assert not time.steady.status.steady


def test_a_clock_that_jumps_further_while_the_process_starts_has_to_stand_anew(time: Time) -> None:
    time.jumps(MONTH)
    time.passes(5 * HOUR)
    last = time.steady.reading()
    time.wall += 60 * MONTH
    time.process_starts(last)

    assert time.passes(5 * HOUR) == START + 10 * HOUR
    assert not time.steady.status.steady


def test_a_new_record_has_nothing_to_doubt_by(time: Time) -> None:
    time.process_starts(None)

    assert time.steady() == time.wall


def test_the_status_says_what_time_things_expire_by(time: Time) -> None:
    time.wall += MONTH

    believed = time.steady.status.believed

    assert believed is not None
    assert believed.startswith("2024-10-04T00:00:00")
    assert timedelta(seconds=time.steady.status.ahead_seconds) == timedelta(days=31)
