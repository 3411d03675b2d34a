"""The cameras of a map that have a source are watched, and the map's edits are followed."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from prometheus_client import CollectorRegistry

from contract.stores.map_parser import parse_store_map
from contract.stores.store_map import StoreMap
from facegate.camera.agent_metrics import AgentMetrics
from facegate.camera.fleet import CameraFleet, FleetPlan, watched_cameras
from facegate.camera.outgoing.left_pictures import left_pictures
from facegate.camera.outgoing.spool import Spool, spool_of_camera
from facegate.camera.sources.credentials import CameraSettings
from facegate.command import main
from tests.cluster.processes import wait_until
from tests.facegate.camera.cameras import HttpCamera
from tests.facegate.camera.fakes import posting
from tests.facegate.fake_gateway import FakeGateway
from tests.footage import Footage


def store_map(**sources: str) -> StoreMap:
    cameras = {name: {"source": source} for name, source in sources.items()}
    stores = {"a": {"shards": ["127.0.0.1:5001"], "cameras": {**cameras, "till": {"rotate": 90}}}}
    return parse_store_map(json.dumps({"stores": stores}).encode(), Path("stores.yaml"))


class Fleet:
    """A fleet, and what its agents have said."""

    def __init__(self, url: str, folder: Path) -> None:
        self.lines: list[str] = []
        plan = FleetPlan(url, folder, 1_000_000, CameraSettings(), as_json=True)
        self.fleet = CameraFleet(plan, self.lines.append)

    def said(self, event: str) -> list[str]:
        """Return the cameras that said something, in their order."""
        events = [json.loads(line) for line in list(self.lines)]
        return [one["camera"] for one in events if one["event"] == event]

    def left_metric(self) -> dict[tuple[str, str], float]:
        """Return what /metrics says of pictures that wait for cameras nobody watches."""
        registry = CollectorRegistry()
        registry.register(AgentMetrics(lambda: self.fleet.agents, lambda: self.fleet.left))
        return {
            (sample.labels["store"], sample.labels["camera"]): sample.value
            for metric in registry.collect()
            for sample in metric.samples
            if sample.name == "facegate_agent_left"
        }

    def wait_said(self, event: str, *cameras: str) -> None:
        wait_until(lambda: self.said(event) == [*cameras], f"{event} by {cameras}")


@pytest.fixture
def fleet(gateway: FakeGateway, tmp_path: Path) -> Iterator[Fleet]:
    fleet = Fleet(gateway.url, tmp_path / "spool")
    yield fleet
    fleet.fleet.stop()


@pytest.fixture
def camera(footage: Footage) -> Iterator[HttpCamera]:
    with HttpCamera(footage.jpegs).running() as camera:
        yield camera


def test_cameras_without_a_source_are_left_alone() -> None:
    [watched] = watched_cameras(store_map(door="webcam:0"))

    assert (watched.store, watched.camera, watched.source) == ("a", "door", "webcam:0")


def test_an_edit_concerns_the_cameras_that_it_changes(fleet: Fleet, camera: HttpCamera) -> None:
    stream = f"{camera.url}/video"

    fleet.fleet.follow(store_map(door=stream))
    fleet.wait_said("connected", "door")
    fleet.fleet.follow(store_map(door=stream, hall=stream))
    fleet.wait_said("connected", "door", "hall")
    fleet.fleet.follow(store_map(hall=stream))
    fleet.wait_said("summary", "door")
    fleet.fleet.follow(store_map(hall=f"{camera.url}/snapshot"))
    fleet.wait_said("connected", "door", "hall", "hall")

    assert len(fleet.fleet.agents) == 1


def test_a_camera_that_cannot_be_watched_keeps_no_other_from_it(
    fleet: Fleet, camera: HttpCamera, tmp_path: Path
) -> None:
    later = tmp_path / "later"

    fleet.fleet.follow(store_map(door=str(later), hall=f"{camera.url}/video"))
    fleet.wait_said("connected", "hall")
    wait_until(lambda: "door" in fleet.said("failed"), "the folder is missed")
    later.mkdir()
    wait_until(lambda: "door" in fleet.said("started"), "the folder is watched")


def test_those_who_came_are_sent(
    fleet: Fleet, gateway: FakeGateway, camera: HttpCamera, footage: Footage
) -> None:
    fleet.fleet.follow(store_map(door=f"{camera.url}/video"))
    assert camera.is_over.wait(120)
    fleet.fleet.stop()

    tracks = {path.partition("track=")[2].partition("&")[0] for path, _ in gateway.asked}
    assert len(tracks) >= footage.people  # on a busy machine some are lost on their way
    assert len(gateway.bodies) <= 5 * len(tracks)


def test_what_waits_for_a_camera_that_is_gone_is_said_and_can_be_sent(
    fleet: Fleet, gateway: FakeGateway, tmp_path: Path
) -> None:
    spool = tmp_path / "spool"
    left = Spool(spool_of_camera(spool, "a", "old door"), 1_000_000)
    left.put(posting(1, b"li 1"))

    fleet.fleet.follow(store_map())
    assert fleet.said("left") == []  # an agent has it
    left.close()
    fleet.fleet.follow(store_map())
    assert fleet.said("left") == ["old door"]
    assert json.loads(fleet.lines[-1])["pictures"] == 1
    assert fleet.left_metric() == {("a", "old door"): 1.0}

    (tmp_path / "none").mkdir()
    options = ["--once", "--camera", "old door", "--spool", str(spool), "--url", gateway.url]
    sent = CliRunner().invoke(main, ["camera", "a", str(tmp_path / "none"), *options])
    assert sent.exit_code == 0, sent.output
    assert gateway.bodies == [b"li 1"]
    assert "camera=old+door" in gateway.asked[0][0].replace("%20", "+")
    assert left_pictures(spool, set()) == []
    assert fleet.left_metric() == {("a", "old door"): 0.0}
    fleet.fleet.follow(store_map())
    assert fleet.left_metric() == {}
