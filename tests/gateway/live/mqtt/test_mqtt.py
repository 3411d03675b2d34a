"""What a gateway publishes to a real broker, whatever happens to either."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from gateway.live.mqtt import store_states
from gateway.live.mqtt.topics import Topics
from gateway.record.database import Database
from service.mqtt import broker as brokers
from tests.gateway.fake_chain import ANNA, STRANGER, Chain, running, until
from tests.gateway.fakes import FakeShard
from tests.gateway.happenings import arrival
from tests.gateway.people import chain as people
from tests.gateway.test_process import process
from tests.mosquitto import Listener, Mosquitto, listening
from tests.shard.fakes import picture_of

STATE, VISITS, STATUS = "facegate/store-a/state", "facegate/store-a/visits", "facegate/status"
DEVICE = "homeassistant/device/facegate_store-a/config"


@pytest.fixture(autouse=True)
def _hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    # Longer than a listener takes who connects to a broker that has just been started.
    monkeypatch.setattr(brokers, "FIRST_PAUSE", 0.5)
    monkeypatch.setattr(brokers, "LONGEST_PAUSE", 1.0)
    monkeypatch.setattr(store_states, "LONGEST_SECONDS", 2)


@asynccontextmanager
async def publishing(
    folder: Path, broker: Mosquitto, **settings: Any
) -> AsyncIterator[tuple[Chain, Listener]]:
    """Run a chain that publishes, and somebody who listens."""
    async with (
        listening(broker) as listener,
        running(folder, mqtt_url=broker.url, **settings) as chain,
    ):
        await until(lambda: listener.last(STATE))
        yield chain, listener


def state(listener: Listener) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(listener.last(STATE) or "{}")
    return found


async def test_who_comes_is_told_and_who_is_here_is_kept(tmp_path: Path, broker: Mosquitto) -> None:
    async with publishing(tmp_path, broker) as (chain, listener):
        assert state(listener)["present"] == 0
        await chain.recognize("store-a", STRANGER, camera="door")
        await until(lambda: state(listener)["present"] == 1)
        await until(lambda: listener.of(VISITS))
        [told] = map(json.loads, listener.of(VISITS))

        assert (told["event"], told["data"]["change"]) == ("visit", "opened")
        assert told["data"]["card"]["camera"] == "door"
        async with listening(broker) as late:
            await until(lambda: late.last(STATE))
            assert state(late)["present"] == 1
            assert late.of(VISITS) == []


@pytest.mark.parametrize(("names", "called"), [(False, "m-1"), (True, "Anna")])
async def test_names_are_told_only_if_so_set_and_nobody_is_kept_who_is_erased(
    tmp_path: Path, broker: Mosquitto, names: bool, called: str
) -> None:
    def kept() -> dict[str, Any]:
        found: dict[str, Any] = json.loads(listener.last("facegate/a/state") or "{}")
        return found

    settings = {"mqtt_url": broker.url, "mqtt_names": names}
    async with listening(broker) as listener, people.running(tmp_path, settings=settings) as chain:
        await chain.enroll("a", 1, "anna")
        await chain.put_member("m-1", False, name="Anna")
        await chain.call("PUT", "/v1/members/m-1/faces/a/anna")
        await chain.asked("a")
        await chain.sees("a", 1)
        await until(lambda: kept().get("last_member") == called)
        await until(lambda: listener.of("facegate/a/visits"))
        assert (kept()["present"], kept()["members"]) == (1, 1)
        assert any("Anna" in payload for _, payload in listener.heard) == names

        await chain.http.delete("/v1/members/m-1", params={"erase": True})

        await until(lambda: kept()["last_member"] is None)
        assert kept()["members"] == 0


async def test_a_visit_of_somebody_nobody_would_know_again_is_told_when_it_is_somebodys(
    tmp_path: Path, broker: Mosquitto
) -> None:
    def opened() -> list[str]:
        events = map(json.loads, listener.of("facegate/a/visits"))
        told = (event["data"] for event in events)
        return [data["card"]["visit"] for data in told if data.get("change") == "opened"]

    options, settings = {"a": {"count_unfit": "visits"}}, {"mqtt_url": broker.url}
    async with (
        listening(broker) as listener,
        people.running(tmp_path, options=options, settings=settings) as chain,
    ):
        visits = []
        for track, look in (("7", "turned"), ("8", ""), ("7", "0.01")):
            answer = await chain.call(
                "POST",
                "/v1/stores/a/recognize",
                params={"camera": "door", "track": track},
                content=picture_of(int(track), take=look),
            )
            visits.append(answer["faces"][0]["visit"]["id"])
        await until(lambda: len(opened()) == 2)

        assert visits[0] == visits[2]
        assert opened() == visits[1:]


async def test_who_is_not_seen_again_has_left(tmp_path: Path, broker: Mosquitto) -> None:
    brief = {"store-a": {"visit_gap": "5s"}}
    async with publishing(tmp_path, broker, options=brief) as (chain, listener):
        await chain.recognize("store-a", STRANGER)
        await until(lambda: 1 in [json.loads(s)["present"] for s in listener.of(STATE)])
        await until(lambda: state(listener)["present"] == 0)


async def test_home_assistant_finds_a_device_for_each_store(
    tmp_path: Path, broker: Mosquitto
) -> None:
    async with publishing(tmp_path, broker) as (_, listener):
        await until(lambda: listener.last(DEVICE))
        device = json.loads(listener.last(DEVICE) or "")
        for sensor in device["components"].values():
            assert listener.last(sensor["state_topic"])
            assert sensor["unique_id"]
            assert sensor["platform"] in {"sensor", "binary_sensor"}
        assert listener.last(device["availability_topic"]) == "online"
    await until(lambda: listener.last(STATUS) == "offline")


async def test_a_camera_is_alive_until_it_is_missed(tmp_path: Path, broker: Mosquitto) -> None:
    topic, missed = "facegate/store-a/cameras/front%2Fdoor", {"store-a": {"silent_after": "10s"}}
    async with publishing(tmp_path, broker, options=missed) as (chain, listener):
        await chain.recognize("store-a", STRANGER, camera="front/door")
        await until(lambda: listener.last(topic) == "alive")
        await until(lambda: "Camera front/door" in (listener.last(DEVICE) or ""))
        [sensor] = [
            sensor
            for sensor in json.loads(listener.last(DEVICE) or "")["components"].values()
            if sensor["platform"] == "binary_sensor"
        ]
        await until(lambda: listener.last(topic) == "silent")

        assert sensor["state_topic"] == topic
        assert (sensor["payload_on"], sensor["payload_off"]) == ("alive", "silent")


async def test_a_store_that_leaves_the_map_is_forgotten(tmp_path: Path, broker: Mosquitto) -> None:
    async with publishing(tmp_path, broker) as (chain, listener):
        await until(lambda: listener.last(DEVICE))
        del chain.stores["store-a"]
        chain.write_map()

        await until(lambda: listener.last(DEVICE) == listener.last(STATE) == "")


async def test_home_assistant_is_told_nothing_if_it_is_not_to(
    tmp_path: Path, broker: Mosquitto
) -> None:
    settings: dict[str, Any] = {"mqtt_discovery": "", "mqtt_prefix": "shop/faces"}
    async with listening(broker) as listener, running(tmp_path, mqtt_url=broker.url, **settings):
        await until(lambda: listener.last("shop/faces/store-a/state"))
        await until(lambda: listener.last("shop/faces/store-c/state"))

    assert {topic.partition("/")[0] for topic, _ in listener.heard} == {"shop"}


async def test_a_broker_that_is_down_costs_nothing_but_what_it_would_be_told(
    tmp_path: Path, broker: Mosquitto
) -> None:
    broker.kill()
    async with running(tmp_path, mqtt_url=broker.url) as chain:
        await chain.recognize("store-a", STRANGER)
        await until(lambda: _pending(chain))
        shown = (await chain.cluster())["mqtt"]
        assert (await chain.http.get("/readyz")).status_code == 200
        assert (await chain.http.get("/v1/webhooks")).json() == {"webhooks": []}
        assert "facegate_mqtt_connected 0.0" in await chain.metrics()
        assert "MQTT broker" in (await chain.http.get("/cluster")).text
        await broker.start()
        async with listening(broker) as listener:
            await until(lambda: listener.of(VISITS))
            await until(lambda: state(listener).get("present") == 1)

    assert (shown["url"], shown["connected"], shown["pending"]) == (broker.url, False, 1)
    assert shown["error"]


async def _pending(chain: Chain) -> bool:
    return bool((await chain.cluster())["mqtt"]["pending"])


async def test_a_broker_that_is_killed_hears_all_of_it_later(
    tmp_path: Path, broker: Mosquitto
) -> None:
    async with running(tmp_path, mqtt_url=broker.url) as chain:
        async with listening(broker, "facegate/+/visits") as before:
            await chain.recognize("store-a", STRANGER, camera="1")
            await until(lambda: before.heard)
            broker.kill()
        await chain.recognize("store-a", ANNA, camera="2")
        await chain.recognize("store-b", STRANGER, camera="3")
        await broker.start()
        async with listening(broker) as after:
            await until(lambda: after.of(VISITS))
            await until(lambda: after.of("facegate/store-b/visits"))
            await until(lambda: state(after).get("present") == 2)
            await until(lambda: after.last(STATUS) == "online")


async def test_a_gateway_that_is_killed_tells_the_rest_when_it_is_back(
    tmp_path: Path, postgresql_url: str, broker: Mosquitto
) -> None:
    shard = FakeShard("store-a")
    await shard.start()
    stores = tmp_path / "stores.yaml"
    stores.write_text(f"store-a: {shard.address}\n", encoding="utf-8")
    settings = {"record_url": postgresql_url, "mqtt_url": broker.url, "drain_seconds": 0}
    now = round(time.time() * 1000)
    async with Database.at(postgresql_url, tmp_path) as record, listening(broker) as listener:
        async with process(stores, **settings) as (_, gateway):
            await until(lambda: listener.last(STATE))
            seqs = [await record.write(None, arrival, "store-a", now + n) for n in range(50)]
            await until(lambda: listener.of(VISITS))
            gateway.kill()
            await asyncio.to_thread(gateway.wait)
            await until(lambda: listener.last(STATUS) == "offline")
        told = len(listener.of(VISITS))
        seqs += [await record.write(None, arrival, "store-a", now + n) for n in range(50, 60)]
        async with process(stores, **settings):
            await until(lambda: seqs[-1] in _seqs(listener))
            await until(lambda: listener.last(STATUS) == "online")
    await shard.stop()

    assert sorted(set(_seqs(listener))) == seqs
    assert told < len(seqs)


def _seqs(listener: Listener) -> list[int]:
    return [json.loads(told)["seq"] for told in listener.of(VISITS)]


async def test_a_broker_that_is_no_longer_set_is_owed_nothing(
    tmp_path: Path, broker: Mosquitto
) -> None:
    broker.kill()
    async with running(tmp_path, mqtt_url=broker.url) as chain:
        await chain.recognize("store-a", STRANGER)
        await until(lambda: _pending(chain))
    async with running(tmp_path) as chain:
        assert (await chain.cluster())["mqtt"] is None
        await until(lambda: _is_forgotten(chain))


async def _is_forgotten(chain: Chain) -> bool:
    return "MQTT broker" not in (await chain.http.get("/cluster")).text


@pytest.mark.parametrize("store", ["a+b", "a#b", "北京", "a b", "a_b", "a-b", "50%"])
def test_topics_are_such_as_mqtt_has_and_no_two_stores_share_one(store: str) -> None:
    topics = Topics("facegate", "homeassistant")
    others = {"a+b", "a#b", "北京", "a b", "a_b", "a-b", "50%", "50%25", "a%2Bb"} - {store}

    assert not set("+#") & set(topics.visits(store) + topics.device(store))
    assert topics.visits(store).count("/") == 2
    assert topics.device(store) not in {topics.device(other) for other in others}
    assert topics.state(store) not in {topics.state(other) for other in others}


@pytest.mark.filterwarnings("ignore::ResourceWarning")  # paho lets go of refused connections so
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
async def test_an_account_and_tls_are_used(tmp_path: Path, processes: None) -> None:
    secured = await _secured(tmp_path)
    await secured.start()
    password = tmp_path / "password"
    password.write_text("s3cret", encoding="utf-8")
    url = f"mqtts://me@localhost:{secured.port}"
    given: dict[str, Any] = {
        "mqtt_certificates": tmp_path / "ca.pem",
        "mqtt_password_file": password,
    }
    async with running(tmp_path, mqtt_url=url, **given) as chain:
        await until(lambda: _connected(chain))
    wrong = {"mqtt_url": f"mqtts://me:wrong@localhost:{secured.port}", "mqtt_password_file": None}
    async with running(tmp_path, **(given | wrong)) as chain:
        await until(lambda: _refused(chain))
    async with running(tmp_path, mqtt_url=url, mqtt_password_file=password) as chain:
        await until(lambda: _refused(chain))
    secured.kill()


async def _connected(chain: Chain) -> bool:
    return bool((await chain.cluster())["mqtt"]["connected"])


async def _refused(chain: Chain) -> bool:
    error = (await chain.cluster())["mqtt"]["error"] or ""
    return "authorized" in error.lower() or "certificate" in error.lower()


async def _secured(folder: Path) -> Mosquitto:
    """Return a broker with TLS, whose certificate signs itself, and one account."""
    certificate, key, accounts = folder / "ca.pem", folder / "key.pem", folder / "accounts"
    await _run(
        *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
        *("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"),
        *("-keyout", str(key), "-out", str(certificate)),
    )
    await _run("mosquitto_passwd", "-b", "-c", str(accounts), "me", "s3cret")
    return Mosquitto(
        folder,
        f"certfile {certificate}",
        f"keyfile {key}",
        f"password_file {accounts}",
        "allow_anonymous false",
    )


async def _run(*command: str) -> None:
    process = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.DEVNULL)
    assert await process.wait() == 0
