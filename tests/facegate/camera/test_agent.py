"""One camera's agent, put together, with a gateway that remembers what it was asked."""

import json
import urllib.request
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from facegate.camera.agent import CameraAgent
from facegate.camera.agent_metrics import AgentMetrics
from facegate.camera.agent_plan import AgentPlan
from facegate.camera.sources.source_address import parse_source
from facegate.camera.sources.source_lost import SourceLost
from facegate.command import main
from tests.facegate.fake_gateway import FakeGateway
from tests.footage import Footage
from tests.ports import free_port


def agent_of(
    gateway: FakeGateway, source: Path, folder: Path, lines: list[str] | None = None
) -> CameraAgent:
    plan = AgentPlan(
        "a", "door", parse_source(str(source)), gateway.url, folder / "spool", once=True
    )
    said = [] if lines is None else lines
    return CameraAgent(plan, said.append, as_json=True)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["camera", *arguments])


def test_a_video_becomes_tracks_and_a_summary(
    gateway: FakeGateway, footage: Footage, tmp_path: Path
) -> None:
    lines: list[str] = []
    agent = agent_of(gateway, footage.video, tmp_path, lines)
    agent.run()
    assert agent.deliver()
    agent.close()
    agent.say_counts("summary")

    summary = json.loads(lines[-1])
    assert summary["event"] == "summary"
    assert summary["tracks"] == footage.people
    assert summary["sent"] == len(gateway.bodies) <= 5 * footage.people
    assert summary["bytes"] == sum(map(len, gateway.bodies))
    assert all("cut_out=true" in path for path, _ in gateway.asked)


def test_what_is_no_video_ends_the_agent_and_nothing_is_sent(
    gateway: FakeGateway, tmp_path: Path
) -> None:
    (tmp_path / "door.mp4").write_bytes(b"no video")
    agent = agent_of(gateway, tmp_path / "door.mp4", tmp_path)

    with pytest.raises(SourceLost):
        agent.run()

    agent.close()
    assert gateway.bodies == []


def test_the_counts_are_served_for_prometheus(gateway: FakeGateway, tmp_path: Path) -> None:
    (tmp_path / "pictures").mkdir()
    agent = agent_of(gateway, tmp_path / "pictures", tmp_path)
    agent.counts.frames, agent.counts.spooled = 120, 3
    agent.counts.problems.add("frozen")
    port = free_port()

    AgentMetrics(lambda: [agent]).serve("127.0.0.1", port)
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
        text = answer.read().decode()
    agent.close()

    assert 'facegate_agent_frames_total{camera="door",store="a"} 120.0' in text
    assert 'facegate_agent_spooled{camera="door",store="a"} 3.0' in text
    assert 'facegate_agent_problem{camera="door",problem="frozen",store="a"} 1.0' in text
    assert 'facegate_agent_problem{camera="door",problem="dark",store="a"} 0.0' in text


def test_a_password_on_the_command_line_is_refused_and_not_repeated() -> None:
    result = run("west", "rtsp://admin:s3cret@10.0.0.7/stream?token=abc")

    assert result.exit_code == 2
    assert "FACEGATE_CAMERA_USER" in result.output
    assert "s3cret" not in result.output
    assert "abc" not in result.output


@pytest.mark.parametrize("source", ["gone.mp4", "ftp://10.0.0.7/x", "webcam:x"])
def test_what_is_no_source_is_wrong_usage(source: str) -> None:
    assert run("west", source).exit_code == 2


def test_a_file_that_is_no_video_is_one_line_and_exit_code_1(tmp_path: Path) -> None:
    (tmp_path / "door.mp4").write_bytes(b"no video")

    result = run("west", str(tmp_path / "door.mp4"), "--spool", str(tmp_path / "spool"))

    assert result.exit_code == 1
    assert "door.mp4" in result.output
