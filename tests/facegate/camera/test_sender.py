"""What waits is sent once, oldest first, however the gateway answers."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from facegate.camera.counts import AgentCounts
from facegate.camera.outgoing.agent_clock import AgentClock
from facegate.camera.outgoing.gateway_door import GatewayDoor
from facegate.camera.outgoing.sender import Sender
from facegate.camera.outgoing.spool import Spool
from tests.cluster.processes import wait_until
from tests.facegate.camera.fakes import posting, remembering_report
from tests.facegate.fake_gateway import FakeGateway, FakeStore, problem
from tests.ports import free_port


class Sending:
    """A spool and its sender, for a gateway."""

    def __init__(self, url: str, folder: Path, beat_seconds: float = 60) -> None:
        self.counts = AgentCounts()
        self.report, self.lines = remembering_report()
        self.clock = AgentClock()
        self.spool = Spool(folder, 1_000_000)
        door = GatewayDoor(url, "a", "door", self.counts)
        self.sender = Sender(
            self.spool, door, self.clock, self.counts, self.report, beat_seconds=beat_seconds
        )

    def send(self, *numbers: int) -> None:
        for number in numbers:
            self.spool.put(posting(number, f"li {number}".encode()))
        self.sender.start()
        assert self.sender.finish(30)

    def close(self) -> None:
        self.sender.close()
        self.spool.close()


@pytest.fixture
def sending(gateway: FakeGateway, tmp_path: Path) -> Iterator[Sending]:
    sending = Sending(gateway.url, tmp_path / "spool")
    yield sending
    sending.close()


def refusal(status: int, code: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    return status, headers, json.dumps(problem(status, code, code)[1]).encode()


def test_a_shot_goes_with_its_camera_track_frame_and_moment(
    gateway: FakeGateway, sending: Sending
) -> None:
    sending.send(1)

    [(path, key)] = gateway.asked
    assert gateway.bodies == [b"li 1"]
    assert "camera=door" in path
    assert "track=run.1" in path
    assert "frame=run.1" in path
    assert "captured_at=2026-05-04T09%3A00%3A01%2B00%3A00" in path
    assert key is None  # camera and frame are its name
    assert {"x-facegate-agent", "x-facegate-agent-status"} <= gateway.headers[0]


def test_a_shot_that_the_cnn_alone_has_found_is_to_be_looked_at_so(
    gateway: FakeGateway, sending: Sending
) -> None:
    sending.spool.put(replace(posting(1), detector="cnn"))
    sending.send(2)

    assert ["detector=cnn" in path for path, _ in gateway.asked] == [True, False]


@pytest.mark.parametrize("status", [401, 404, 429, 500, 503, 507])
def test_what_may_be_taken_later_goes_again_and_the_order_stays(
    gateway: FakeGateway, sending: Sending, status: int
) -> None:
    gateway.raw += [refusal(status, "LATER", **{"Retry-After": "0"})] * 2

    sending.send(1, 2)
    sending.close()

    assert gateway.bodies == [b"li 1", b"li 1", b"li 1", b"li 2"]
    assert (sending.counts.sent, sending.counts.refused) == (2, 0)
    assert [line for line in sending.lines if "wait on disk" in line] != []
    assert [line for line in sending.lines if "takes pictures again" in line] != []


@pytest.mark.parametrize("status", [400, 409, 413, 415, 422])
def test_what_will_never_be_taken_makes_room_for_the_next(
    gateway: FakeGateway, sending: Sending, status: int
) -> None:
    gateway.raw += [refusal(status, "NEVER")]

    sending.send(1, 2)
    sending.close()

    assert gateway.bodies == [b"li 1", b"li 2"]
    assert (sending.counts.sent, sending.counts.refused) == (1, 1)


def test_an_answer_that_makes_no_sense_is_asked_for_again(
    gateway: FakeGateway, sending: Sending
) -> None:
    gateway.raw += [(200, {}, b"<html>"), (502, {}, b"bad gateway")]

    sending.send(1)
    sending.close()

    assert gateway.bodies == [b"li 1"] * 3
    assert sending.counts.sent == 1


def test_while_nobody_answers_pictures_wait_for_the_next_run(tmp_path: Path) -> None:
    nobody = Sending(f"http://127.0.0.1:{free_port()}", tmp_path)
    nobody.spool.put(posting(1, b"li 1"))
    nobody.sender.start()
    while not nobody.sender.is_away:
        nobody.spool.wait_empty(0.05)
    nobody.close()

    fake = FakeGateway({"a": FakeStore()})
    with fake.serving():
        later = Sending(fake.url, tmp_path)
        later.send()
        later.close()

    assert fake.bodies == [b"li 1"]
    assert nobody.counts.sent == 0
    assert len([line for line in nobody.lines if "wait on disk" in line]) == 1


def test_the_clock_is_put_right_beyond_what_an_answer_takes() -> None:
    clock = AgentClock()

    clock.hear(datetime.now(UTC) + timedelta(seconds=3))
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=2)
    clock.hear(datetime.now(UTC) + timedelta(days=365))
    assert clock.now() - datetime.now(UTC) > timedelta(days=364)
    assert clock.is_wrong
    clock.hear(None)
    assert clock.is_wrong


def test_the_gateway_hears_what_is_wrong_though_no_frame_comes(
    gateway: FakeGateway, tmp_path: Path
) -> None:
    sending = Sending(gateway.url, tmp_path / "beats", beat_seconds=0)
    gateway.raw += [(200, {}, b"OK")] * 2
    sending.send()
    sending.counts.problems.add("lost")
    wait_until(lambda: gateway.sent("POST", "/cameras/door/push") == 1, "it is lost")
    sending.counts.problems.clear()
    wait_until(lambda: gateway.sent("POST", "/cameras/door/push") == 2, "it is found")
    sending.close()


def test_the_gateway_hears_of_a_camera_that_shows_nobody_while_it_shows_something(
    gateway: FakeGateway, tmp_path: Path
) -> None:
    sending = Sending(gateway.url, tmp_path / "beats", beat_seconds=0)
    gateway.raw += [(200, {}, b"OK")]
    sending.send()
    sending.counts.frames = 5
    wait_until(lambda: gateway.sent("POST", "/cameras/door/push") > 0, "a heartbeat")
    sending.spool.put(posting(1, b"li 1"))
    assert sending.sender.finish(30)
    sending.close()

    assert gateway.sent("POST", "/cameras/door/push") == 1  # no frame came since
    assert json.loads(gateway.bodies[0])["event"] == "heartbeat"
    assert sending.counts.sent == 1
