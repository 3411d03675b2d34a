"""Frigate as it speaks, before a real broker and a real gateway: a person is one visit."""

import asyncio
import json
import signal
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import aiomqtt
import pytest
from aiohttp import web
from click.testing import CliRunner

from contract.messages.recognition import RecognizeAnswer
from contract.text.access_key import KeyText
from facegate.client.async_client import AsyncClient
from facegate.command import main
from facegate.frigate import snapshots as fetching
from facegate.frigate import subscriber as subscribers
from facegate.frigate.sighting import FrigateSighting
from facegate.frigate.snapshots import FrigateUnreachable, Snapshots
from facegate.frigate.subscriber import Subscriber
from service.mqtt.broker import Broker
from service.mqtt.broker_address import BrokerAddress
from tests.gateway.access.keyring import bearer, key, put_keys
from tests.gateway.fake_chain import OTHER, STRANGER, Chain, running, until
from tests.gateway.fakes import picture
from tests.gateway.live.flood import Flood
from tests.mosquitto import Mosquitto


@pytest.fixture(autouse=True)
def _hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subscribers, "FIRST_PAUSE", 0.05)


@dataclass
class Frigate:
    """Frigate's HTTP API, with the snapshots that it is given, and its messages."""

    broker: Mosquitto
    snapshots: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    is_down: bool = False
    began: float = field(default_factory=lambda: time.time() - 60)
    """A moment ago: a gateway takes nothing of long ago."""
    url: str = ""

    @asynccontextmanager
    async def serving(self) -> AsyncIterator["Frigate"]:
        app = web.Application()
        app.add_routes([web.get("/api/events/{event}/snapshot.jpg", self._snapshot)])
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield self
        await runner.cleanup()

    async def _snapshot(self, request: web.Request) -> web.Response:
        self.asked.append(request.path_qs)
        if self.is_down:
            return web.Response(status=502)
        found = self.snapshots.get(request.match_info["event"])
        return web.Response(body=found) if found else web.json_response({}, status=404)

    async def tell(self, kind: str, event: str, seconds: float, **more: Any) -> None:
        """Publish what Frigate 0.16 does of a tracked object."""
        after = {
            **{"id": event, "camera": "front_door", "frame_time": self.began + seconds + 0.5},
            "snapshot": {"frame_time": self.began + seconds, "box": [1, 2, 3, 4], "attributes": []},
            **{"label": "person", "sub_label": None, "top_score": 0.95, "false_positive": False},
            **{
                "start_time": self.began,
                "end_time": self.began if kind == "end" else None,
                "score": 0.8,
            },
            **{"current_zones": [], "entered_zones": [], "has_clip": False, "has_snapshot": True},
            **more,
        }
        message = json.dumps({"type": kind, "before": after, "after": after})
        async with aiomqtt.Client("127.0.0.1", self.broker.port) as client:
            await client.publish("frigate/events", message, qos=1)


@asynccontextmanager
async def following(
    chain: Chain, frigate: Frigate, *cameras: str, key_file: Path | None = None
) -> AsyncIterator[Subscriber]:
    url = str(chain.http.base_url)
    async with AsyncClient(url, key=key_file) as gateway, Snapshots(frigate.url) as snapshots:
        subscriber = Subscriber("store-a", gateway, snapshots, lambda *_: None, frozenset(cameras))
        address = BrokerAddress.parse(frigate.broker.url)
        broker = Broker(address, topics=["frigate/events"], heard=subscriber.hear)
        tasks = [asyncio.create_task(broker.run()), asyncio.create_task(subscriber.run())]
        await until(lambda: broker.is_connected)
        try:
            yield subscriber
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


@pytest.fixture
async def frigate(broker: Mosquitto) -> AsyncIterator[Frigate]:
    async with Frigate(broker).serving() as frigate:
        yield frigate


@pytest.fixture
async def chain(tmp_path: Path) -> AsyncIterator[Chain]:
    async with running(tmp_path) as chain:
        yield chain


def shown(subscriber: Subscriber, least: int) -> bool:
    return subscriber.counts.shown >= least


def is_asked(frigate: Frigate, times: int) -> bool:
    return len(frigate.asked) >= times


async def visits(chain: Chain) -> list[dict[str, Any]]:
    answer = await chain.http.get("/v1/stores/store-a/present")
    found: list[dict[str, Any]] = answer.json()["visits"]
    return found


async def test_all_snapshots_of_a_person_are_one_visit(chain: Chain, frigate: Frigate) -> None:
    frigate.snapshots["1.5-abc"] = picture(STRANGER)
    async with following(chain, frigate) as subscriber:
        await frigate.tell("new", "1.5-abc", 0, has_snapshot=False)
        await frigate.tell("new", "1.5-abc", 1)
        await until(lambda: subscriber.counts.shown == 1)
        await frigate.tell("update", "1.5-abc", 1)  # another zone, no better snapshot
        await frigate.tell("update", "1.5-abc", 2)
        await until(lambda: subscriber.counts.shown == 2)
        await frigate.tell("end", "1.5-abc", 2)
        frigate.snapshots["2.5-xyz"] = picture(OTHER)
        await frigate.tell("end", "2.5-xyz", 3, camera="till")
        await until(lambda: subscriber.counts.shown == 3)

    found = await visits(chain)
    assert sorted(visit["camera"] for visit in found) == ["front_door", "till"]
    assert all("bbox=0&timestamp=0&crop=0" in asked for asked in frigate.asked)
    assert len(frigate.asked) == 3


async def test_what_is_no_person_is_not_shown(chain: Chain, frigate: Frigate) -> None:
    async with following(chain, frigate, "front_door") as subscriber:
        await frigate.tell("new", "car", 0, label="car")
        await frigate.tell("new", "shade", 0, false_positive=True)
        await frigate.tell("new", "elsewhere", 0, camera="yard")
        async with aiomqtt.Client("127.0.0.1", frigate.broker.port) as client:
            for nonsense in (b"", b"{", b"[]", b'{"after": null}', b'{"after": {"id": 7}}'):
                await client.publish("frigate/events", nonsense, qos=1)
        frigate.snapshots["person"] = picture(STRANGER)
        await frigate.tell("new", "person", 0)
        await until(lambda: subscriber.counts.shown == 1)

    assert len(frigate.asked) == 1


async def test_older_releases_are_understood(chain: Chain, frigate: Frigate) -> None:
    frigate.snapshots |= {"a": picture(STRANGER), "b": picture(OTHER)}
    async with following(chain, frigate) as subscriber:
        await frigate.tell("new", "a", 0, snapshot=None, snapshot_time=frigate.began + 2)
        await frigate.tell("new", "b", 0, snapshot=None)
        await until(lambda: subscriber.counts.shown == 2)


async def test_few_snapshots_of_one_person_are_enough(chain: Chain, frigate: Frigate) -> None:
    frigate.snapshots |= {"a": picture(STRANGER), "b": picture(OTHER)}
    async with following(chain, frigate) as subscriber:
        for second in range(8):
            await frigate.tell("update", "a", second)
            if second < 5:
                await until(partial(shown, subscriber, second + 1))
        await frigate.tell("new", "b", 0)
        await until(lambda: subscriber.counts.shown == 6)


async def test_a_snapshot_that_is_missing_or_refused_holds_no_other_up(
    chain: Chain, frigate: Frigate
) -> None:
    frigate.snapshots |= {"a": b"no picture", "b": picture(STRANGER)}
    async with following(chain, frigate) as subscriber:
        await frigate.tell("new", "gone", 0)
        await frigate.tell("new", "a", 0)
        await frigate.tell("new", "b", 0)
        await until(lambda: subscriber.counts.shown == 1)

    assert (subscriber.counts.missing, subscriber.counts.refused) == (1, 1)


async def test_what_nobody_foresaw_of_one_person_keeps_no_other_away(
    chain: Chain, frigate: Frigate
) -> None:
    frigate.snapshots |= {"a": picture(STRANGER), "b": picture(OTHER)}
    heard: list[str] = []

    def fails_once(sighting: FrigateSighting, answer: RecognizeAnswer) -> None:
        heard.append(sighting.event)
        if len(heard) == 1:
            raise RuntimeError("the first one is not to be heard of")

    async with following(chain, frigate) as subscriber:
        subscriber.shown = fails_once
        await frigate.tell("new", "a", 0)
        await frigate.tell("new", "b", 0)
        await until(lambda: len(heard) == 2)

    assert heard == ["a", "b"]
    assert subscriber.counts.refused == 1


async def test_what_cannot_be_fetched_now_is_shown_later_once(
    chain: Chain, frigate: Frigate
) -> None:
    frigate.snapshots["a"] = picture(STRANGER)
    frigate.is_down = True
    async with following(chain, frigate) as subscriber:
        await frigate.tell("new", "a", 0)
        await until(lambda: len(frigate.asked) >= 2)
        await frigate.tell("update", "a", 1)
        frigate.is_down = False
        await until(lambda: subscriber.counts.shown)
        await frigate.tell("end", "a", 1)
        frigate.snapshots["b"] = picture(OTHER)
        await frigate.tell("new", "b", 2)
        await until(lambda: len(frigate.asked) and subscriber.counts.shown >= 2)

    assert len(await visits(chain)) == 2


async def test_people_wait_for_a_gateway_that_is_away(chain: Chain, frigate: Frigate) -> None:
    frigate.snapshots["a"] = picture(STRANGER)
    async with following(chain, frigate) as subscriber, AsyncClient("http://127.0.0.1:9") as nobody:
        there, subscriber.gateway = subscriber.gateway, nobody
        await frigate.tell("new", "a", 0)
        await until(lambda: len(frigate.asked) >= 2)
        subscriber.gateway = there
        await until(partial(shown, subscriber, 1))

    assert len(await visits(chain)) == 1


async def test_people_wait_until_the_key_in_the_file_is_one_of_a_camera_of_the_store(
    tmp_path: Path, frigate: Frigate
) -> None:
    keys = {}
    for name, (text, stored) in {
        "other": key("camera", ["store-b"]),
        "camera": key("camera", ["store-a"], names=False),
        "admin": key("admin"),
    }.items():
        await put_keys(tmp_path, [stored])
        keys[name] = text
    file = tmp_path / "key"
    file.write_text(KeyText.new().text)
    frigate.snapshots["a"] = picture(STRANGER)
    answers: list[RecognizeAnswer] = []
    async with (
        running(tmp_path, keys="required") as chain,
        following(chain, frigate, key_file=file) as subscriber,
    ):
        subscriber.shown = lambda _, answer: answers.append(answer)
        await frigate.tell("new", "a", 0)
        for given in (keys["other"], keys["camera"]):
            await until(partial(is_asked, frigate, len(frigate.asked) + 1))
            file.write_text(given.text)
        await until(partial(shown, subscriber, 1))

        chain.http.headers.update(bearer(keys["admin"]))
        [visit] = await visits(chain)

    assert visit["camera"] == "front_door"
    assert [face.face_id for face in answers[0].faces] == [None]
    assert subscriber.counts.refused == 0


async def test_a_snapshot_that_trickles_ends_in_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(fetching, "SECONDS", 0.3)

    def trickle() -> Iterator[bytes]:
        while True:
            time.sleep(0.05)
            yield b"x"

    flood = Flood(b"HTTP/1.1 200 OK\r\nContent-Length: 999999\r\n\r\n", trickle())
    async with flood.running(), Snapshots(f"http://{flood.host}") as snapshots:
        with pytest.raises(FrigateUnreachable):
            await snapshots.fetch("a")


async def test_people_wait_for_a_broker_that_comes_back(chain: Chain, frigate: Frigate) -> None:
    frigate.snapshots["a"] = picture(STRANGER)
    async with following(chain, frigate) as subscriber:
        frigate.broker.kill()
        await frigate.broker.start()

        async def is_shown() -> bool:
            await frigate.tell("update", "a", 0)
            return shown(subscriber, 1)

        await until(is_shown)


async def test_the_command_shows_until_it_is_ended(chain: Chain, frigate: Frigate) -> None:
    frigate.snapshots["a"] = picture(STRANGER)
    command = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", "from facegate.command import main; main()"),
        *("frigate", "store-a", "--json", "--url", str(chain.http.base_url)),
        *("--mqtt", frigate.broker.url, "--frigate", frigate.url),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert command.stdout
    assert command.stderr
    line = asyncio.create_task(command.stdout.readline())

    async def is_shown() -> bool:
        if not line.done():
            await frigate.tell("new", "a", 0)
        return line.done()

    await until(is_shown)
    command.send_signal(signal.SIGTERM)
    said = (await command.stderr.read()).decode()

    assert await command.wait() == 0
    assert json.loads(line.result())["faces"][0]["match"] == "new"
    assert "shown 1" in said


def test_a_password_on_the_command_line_is_refused() -> None:
    options = ["frigate", "a", "--mqtt", "mqtt://me:s3cret@broker", "--frigate", "http://frigate"]

    refused = CliRunner().invoke(main, options)

    assert refused.exit_code == 1
    assert "for all to see" in refused.output
    assert "s3cret" not in refused.output
