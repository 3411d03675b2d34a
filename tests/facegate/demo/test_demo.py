"""The demo's judgement, and `facegate demo` with real shards and a real gateway."""

import itertools
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from contract.errors import ConfigurationError
from contract.messages.message import Match
from contract.messages.recognition import Coverage, RecognizeAnswer, RecognizedFace, Timing
from contract.stores.address import Address
from contract.stores.map_parser import load_store_map
from facegate.cluster.cluster_error import ClusterError
from facegate.cluster.data_folder import lock_folder
from facegate.demo.demo import DemoResult, fresh_folder
from facegate.demo.sample_pictures import sample_pictures
from facegate.demo.scenario import ScenarioVisit, sample_scenario
from tests import plain_http
from tests.cluster.processes import below
from tests.facegate.cluster.up_process import Up, alive
from tests.facegate.fake_gateway import FakeGateway
from tests.pictures import sample
from tests.ports import free_port

SAMPLES = Path(sys.prefix) / "demo-packages"


def answer(*faces: tuple[Match, str | None, str | None]) -> RecognizeAnswer:
    box: Any = {"top": 0, "right": 1, "bottom": 1, "left": 0}
    return RecognizeAnswer(
        store="a",
        faces=[
            RecognizedFace(box=box, match=match, face_id=face_id, store=store)
            for match, face_id, store in faces
        ],
        coverage=Coverage(asked=1, answered=1, complete=True),
        timing_ms=Timing(encode=1, home=1, fan_out=0, total=1),
    )


def visit(
    match: Match, face_id: str | None = None, home: str | None = None, own: bool = False
) -> ScenarioVisit:
    return ScenarioVisit("p.jpg", b"", "a", "somebody", match, face_id, home, own=own)


@pytest.mark.parametrize(
    ("expected", "given", "right"),
    [
        (visit("home", "1"), answer(("home", "1", "a")), True),
        (visit("home", "1"), answer(("home", "2", "a")), False),
        (visit("home", "1"), answer(("roaming", "1", "b")), False),
        (visit("roaming", "1", "b"), answer(("roaming", "1", "b")), True),
        (visit("roaming", "1", "b"), answer(("roaming", "1", "c")), False),
        (visit("new"), answer(("new", "v-1", "a")), True),
        (visit("new"), answer(("home", "1", "a")), False),
        (visit("unknown"), answer(("unknown", None, None)), True),
        (visit("home", "1"), answer(), False),
        (visit("home", "1", own=True), answer(), True),
        (visit("home", "1"), answer(("new", "v-1", "a"), ("home", "1", "a")), False),
        (visit("home", "1", own=True), answer(("new", "v-1", "a"), ("home", "1", "a")), True),
    ],
)
def test_an_answer_is_judged(expected: ScenarioVisit, given: RecognizeAnswer, right: bool) -> None:
    result = DemoResult()

    result.add(expected, given)

    assert (result.mistakes == []) is right


def test_a_stranger_has_to_keep_the_face_id_that_was_given() -> None:
    result = DemoResult()
    result.add(visit("new"), answer(("new", "v-1", "a")))

    result.add(visit("home"), answer(("home", "v-1", "a")))
    assert result.mistakes == []
    result.add(visit("home"), answer(("home", "v-2", "a")))

    assert result.mistakes == ["p.jpg at a shows somebody: expected home v-1, got home v-2"]
    assert result.summary == "demo: home 2, roaming 0, new 1, unknown 0"


def test_the_sample_world_shows_every_match_and_writes_a_valid_map(tmp_path: Path) -> None:
    scenario = sample_scenario(sample_pictures(SAMPLES), tmp_path / "galleries")
    addresses = {
        store: Address("127.0.0.1", 5001 + n) for n, store in enumerate(scenario.galleries)
    }
    scenario.write_map(tmp_path / "stores.yaml", addresses)

    stores = load_store_map(tmp_path / "stores.yaml").stores

    assert {visit.match for visit in scenario.visits} == {"home", "roaming", "new", "unknown"}
    assert {store: option.gallery for store, option in stores.items()} == scenario.galleries


def test_only_a_demos_folder_is_emptied(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").touch()
    (fresh_folder(tmp_path / "demo") / "old").touch()

    assert not (fresh_folder(tmp_path / "demo") / "old").exists()
    with pytest.raises(ConfigurationError, match="not empty and not of an earlier demo"):
        fresh_folder(tmp_path / "mine")


def test_the_folder_of_a_running_demo_is_left_alone(tmp_path: Path) -> None:
    folder = fresh_folder(tmp_path / "demo")
    with lock_folder(folder / "data"), pytest.raises(ClusterError, match="is running in this"):
        fresh_folder(folder)


FACEGATE = Path(sys.executable).parent / "facegate"
ENVIRONMENT = {**os.environ, "FACEGATE_ENCODER_WORKERS": "1"}


def demo(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [FACEGATE, "demo", "--once", *arguments],
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=False,
        timeout=250,
    )


EVERYBODY = "demo: home 4, roaming 2, new 1, unknown 1"


@pytest.mark.processes
@pytest.mark.usefixtures("usual_ports_taken")
def test_the_demo_recognises_everybody_and_serves_until_ctrl_c(tmp_path: Path) -> None:
    command: list[str | Path] = [FACEGATE, "demo", "--data", tmp_path / "demo"]
    with subprocess.Popen(command, env=ENVIRONMENT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        lines = list(itertools.takewhile(lambda line: "Ctrl-C" not in line, process.stdout))
        processes = below(process.pid)
        url = next(line.split()[-1] for line in lines if line.lstrip().startswith("footfall"))
        footfall = plain_http.get(url.replace("/traffic", "/v1/traffic")).json()
        pages = [line.split()[-1] for line in lines if url.removesuffix("/traffic") in line][:6]
        statuses = {plain_http.get(page).status_code for page in pages}

        process.send_signal(signal.SIGINT)

    assert (process.returncode, alive(processes)) == (0, {})
    assert f"{EVERYBODY}\n" in lines
    assert any("/docs" in line for line in lines)
    assert statuses == {200}
    assert footfall["pv"] > 500


@pytest.mark.processes
@pytest.mark.timeout(300)
def test_the_demo_repeats_in_a_cluster_that_goes_on(tmp_path: Path) -> None:
    up = Up(tmp_path)
    up.write_map("".join(f"store-{name}: 127.0.0.1:{free_port()}\n" for name in "abc"))
    with up.running():
        assert up.first_line()
        for _ in range(2):  # the second time, imports and strangers of the first are there
            finished = demo("--url", f"http://127.0.0.1:{up.port}", "--data", tmp_path / "demo")

            assert finished.returncode == 0, finished.stdout + finished.stderr
            assert finished.stdout.splitlines()[-1] == EVERYBODY


@pytest.mark.processes
@pytest.mark.usefixtures("usual_ports_taken")
def test_a_wrong_recognition_ends_with_1_and_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "mine" / "西湖店" / "obama"
    folder.mkdir(parents=True)
    (folder / "1.jpg").write_bytes(sample("obama.jpg"))
    (folder / "2.jpg").write_bytes(sample("biden.jpg"))

    finished = demo("--data", tmp_path / "demo", "--gallery", tmp_path / "mine")

    assert finished.returncode == 1, finished.stdout + finished.stderr
    assert "wrong 2.jpg at 西湖店 shows obama: expected home obama, got new v-" in finished.stdout
    assert finished.stdout.splitlines()[-1] == "demo: home 0, roaming 0, new 1, unknown 0"


@pytest.mark.processes
def test_a_busy_port_that_was_asked_for_is_an_error(tmp_path: Path) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        finished = demo("--data", tmp_path / "demo", "--port", str(port))

    assert finished.returncode == 1
    assert f"127.0.0.1:{port} is in use by another program" in finished.stderr


@pytest.mark.processes
def test_a_cluster_without_the_demos_stores_is_told_so(
    tmp_path: Path, gateway: FakeGateway
) -> None:
    finished = demo("--url", gateway.url, "--data", tmp_path / "demo")

    assert finished.returncode == 1
    assert "its map has no store-a, store-b, store-c" in finished.stderr
