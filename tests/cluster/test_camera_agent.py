"""The agent beside a camera, with real shards and a real gateway: whoever comes is counted once."""

from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any

from facegate import Client
from facegate.camera.counts import AgentCounts
from facegate.camera.outgoing.gateway_door import GatewayDoor
from tests import plain_http
from tests.cluster.agent_process import AgentProcess
from tests.cluster.cut_network import CutNetwork
from tests.cluster.processes import Cluster, wait_until
from tests.facegate.camera.cameras import HttpCamera, RtspCamera
from tests.footage import Footage
from tests.ports import free_port

_DAYS_AGO = [datetime.now(UTC).replace(hour=12) - timedelta(days=days) for days in range(1, 6)]
"""Days on which no other test counts visits."""


def traffic(cluster: Cluster, store: str, day: datetime) -> Any:
    with Client(cluster.gateway.url) as client:
        to = (day + timedelta(days=1)).date().isoformat()
        return client.traffic(store, start=day.date().isoformat(), end=to)


def watch_once(cluster: Cluster, footage: Footage, folder: Path, day: datetime) -> AgentProcess:
    return AgentProcess(
        *(cluster.gateway.url, "west", str(footage.video), folder),
        *("--once", "--started-at", day.isoformat()),
    )


def test_from_a_video_to_visits(shared_cluster: Cluster, footage: Footage, tmp_path: Path) -> None:
    agent = watch_once(shared_cluster, footage, tmp_path, _DAYS_AGO[0])

    assert agent.run() == 0

    counted = traffic(shared_cluster, "west", _DAYS_AGO[0])
    assert (counted.pv, counted.uv) == (footage.people, footage.people)
    matches = {face["match"] for face in agent.said("face")}
    assert {"home", "roaming"} <= matches  # Obama is a member here, Collins elsewhere
    [summary] = agent.said("summary")
    assert summary["visits"] == footage.people
    assert summary["tracks"] == footage.people
    assert summary["sent"] <= 5 * footage.people
    assert 20 * summary["bytes"] < sum(map(len, footage.jpegs))
    assert list((tmp_path / "spool").rglob("*.post")) == []


def test_the_same_video_sent_again_is_counted_once(
    shared_cluster: Cluster, footage: Footage, tmp_path: Path
) -> None:
    for run in ("one", "two"):
        folder = tmp_path / run
        folder.mkdir()
        assert watch_once(shared_cluster, footage, folder, _DAYS_AGO[1]).run() == 0

    counted = traffic(shared_cluster, "west", _DAYS_AGO[1])
    assert (counted.pv, counted.uv) == (footage.people, footage.people)


def test_what_cannot_be_sent_waits_for_the_next_run(
    shared_cluster: Cluster, footage: Footage, tmp_path: Path
) -> None:
    nobody = watch_once(shared_cluster, footage, tmp_path, _DAYS_AGO[2])
    nobody.command[nobody.command.index("--url") + 1] = f"http://127.0.0.1:{free_port()}"
    nobody.command += ["--patience", "0"]

    assert nobody.run() == 3
    assert len(list((tmp_path / "spool").rglob("*.post"))) >= footage.people
    assert watch_once(shared_cluster, footage, tmp_path, _DAYS_AGO[2]).run() == 0

    counted = traffic(shared_cluster, "west", _DAYS_AGO[2])
    assert (counted.pv, counted.uv) == (footage.people, footage.people)


def test_a_camera_that_shows_nobody_is_there_all_the_same(shared_cluster: Cluster) -> None:
    counts = AgentCounts(frames=300, moved=7, dropped=2, problems={"frozen"})
    door = GatewayDoor(shared_cluster.gateway.url, "west", "empty hall", counts)
    door.beat()
    door.close()

    def heard() -> bool:
        url = f"{shared_cluster.gateway.url}/v1/cameras?store=west"
        cameras = plain_http.get(url).json()["cameras"]
        [hall] = [one for one in cameras if one["camera"] == "empty hall"] or [{}]
        return (
            hall.get("agent") == f"facegate-camera/{version('facegate')}"
            and not hall["silent"]
            and hall["agent_status"] == counts.status.model_dump()
            and hall["hints"] == ["FROZEN", "PICTURES_LOST"]
        )

    wait_until(heard, "the camera is listed, with its agent and what that says")


def test_an_rtsp_camera(shared_cluster: Cluster, footage: Footage, tmp_path: Path) -> None:
    with RtspCamera(footage.video, "admin:s3cret").running() as camera:
        agent = AgentProcess(
            shared_cluster.gateway.url, "west", camera.url, tmp_path, "--once", "--camera", "hall"
        )
        agent.environment |= {
            "FACEGATE_CAMERA_USER": "admin",
            "FACEGATE_CAMERA_PASSWORD": "s3cret",
        }
        assert agent.run() == 0

    [summary] = agent.said("summary")
    assert (summary["camera"], summary["visits"]) == ("hall", footage.people)
    assert "s3cret" not in agent.output.read_text() + agent.errors.read_text()


def test_gateway_network_and_agent_end_in_turn_and_everybody_is_counted_once(
    own_cluster: Cluster, footage: Footage, tmp_path: Path
) -> None:
    gateway = own_cluster.gateway
    port = int(gateway.url.rpartition(":")[2])
    gateway.environment["FACEGATE_TRACK_QUIET_SECONDS"] = "3"
    with (
        HttpCamera(footage.jpegs).running() as camera,
        CutNetwork(port).working() as network,
    ):
        agent = AgentProcess(network.url, "west", f"{camera.url}/video", tmp_path)
        agent.start()
        agent.wait_said("face")  # the first one is there
        network.cut()
        agent.wait_said("away")
        gateway.kill()
        network.mend()
        wait_until(lambda: spooled(tmp_path) > 0, "somebody waits on disk")
        agent.kill()
        gateway.start()
        agent.start()
        assert camera.is_over.wait(120)
        gateway.wait_ready()
        wait_until(lambda: spooled(tmp_path) == 0, "all is sent")
        assert agent.interrupt() == 0

    today = datetime.now(UTC)
    wait_until(
        lambda: traffic(own_cluster, "west", today).pv == footage.people,
        "everybody counted, and nobody twice",
    )
    assert traffic(own_cluster, "west", today).uv == footage.people


def spooled(folder: Path) -> int:
    return len(list((folder / "spool").rglob("*.post")))
