"""`facegate up` with real shards and a real gateway."""

import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from facegate import ClientError
from tests import plain_http
from tests.cluster.open_files import open_below
from tests.cluster.processes import below, wait_until
from tests.facegate.cluster.up_process import Up, alive, wait_gone
from tests.pictures import sample
from tests.ports import free_port

pytestmark = pytest.mark.processes

STORE = "门店 'A' ; #1 100% \"x\""
"""A name with everything that a process manager's configuration could stumble over."""
QUOTED = STORE.replace("'", "''")


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    """One running cluster for the tests of this module that leave it running."""
    up = Up(tmp_path_factory.mktemp("up and running; #1"))
    up.write_map(one_store())
    with up.running():
        assert up.first_line() == f"facegate ready http://127.0.0.1:{up.port}\n"
        with up.client() as client:
            client.enroll(STORE, "obama", sample("obama.jpg"))
        yield up


SHARD_PORT = free_port()


def one_store(*more: str) -> str:
    return "\n".join([f"'{QUOTED}': 127.0.0.1:{SHARD_PORT}", *more, ""])


def faces(up: Up) -> list[str]:
    try:
        with up.client() as client:
            return [face.face_id for face in client.faces(STORE)]
    except ClientError:
        return []


def test_a_ready_cluster_recognises_at_once(up: Up) -> None:
    with up.client() as client:
        face = client.recognize(STORE, sample("obama2.jpg")).faces[0]

    assert (face.match, face.face_id) == ("home", "obama")


def test_shards_answer_the_gateway_alone(up: Up) -> None:
    """By a secret that stands in no command line, which everybody on the machine can read."""
    secret = up.folder / "data" / "cluster.secret"

    stranger = plain_http.get(f"http://127.0.0.1:{SHARD_PORT}/faces")

    assert (stranger.status_code, stranger.json()["code"]) == (401, "NOT_OF_CLUSTER")
    assert faces(up) == ["obama"]
    assert secret.stat().st_mode & 0o777 == 0o600
    words = " ".join(below(up.process.pid).values())
    logs = [log.read_text(encoding="utf-8") for log in (up.folder / "data/logs").glob("*.log")]
    assert secret.read_text().strip() not in f"{words} {logs}"


def test_what_it_writes_is_private(up: Up) -> None:
    open_to_others = open_below(up.folder / "data")

    assert {path.name for path in (up.folder / "data").iterdir()} >= {"logs", "gateway.sqlite"}
    assert open_to_others == {}


@pytest.mark.parametrize("words", ["-m gateway", f"--store={STORE}"])
def test_a_killed_process_is_started_again_and_nothing_is_lost(up: Up, words: str) -> None:
    before = up.pid_of(words)

    os.kill(before, signal.SIGKILL)

    wait_until(lambda: before not in below(up.process.pid), "the old process is gone")
    wait_until(lambda: faces(up) == ["obama"], "the face is served again")
    assert up.pid_of(words) != before
    assert "its log: " in up.stderr.read_text(encoding="utf-8")


def test_an_invalid_edit_changes_nothing_and_is_reported(up: Up) -> None:
    shard = up.pid_of(f"--store={STORE}")

    up.write_map("store-b: nowhere\n")

    wait_until(lambda: "nowhere" in up.stderr.read_text(encoding="utf-8"), "the error is reported")
    up.write_map(one_store())
    assert up.pid_of(f"--store={STORE}") == shard
    assert up.healthy() == [STORE]


def test_a_store_comes_up_and_goes_with_an_edit_of_the_map(up: Up) -> None:
    shard = up.pid_of(f"--store={STORE}")

    up.write_map(one_store(f"store-b: 127.0.0.1:{free_port()}"))

    wait_until(lambda: up.healthy() == [STORE, "store-b"], "store-b is there")
    new = up.pid_of("--store=store-b")
    up.write_map(one_store())
    wait_until(lambda: new not in below(up.process.pid), "store-b has ended")
    assert up.pid_of(f"--store={STORE}") == shard


def test_a_folder_in_use_is_refused(up: Up, tmp_path: Path) -> None:
    second = Up(tmp_path)
    second.write_map(f"store-b: 127.0.0.1:{free_port()}\n")
    (tmp_path / "data").symlink_to(up.folder / "data")
    with second.running():
        code, said = second.ends_with()

    assert code == 1
    assert "another facegate cluster is running in this folder" in said


def has_ipv6() -> bool:
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6):
            return True
    except OSError:
        return False


def test_sigterm_stops_every_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FACEGATE_KEYS", "off")  # others could reach it
    host, url_host = ("::", "[::1]") if has_ipv6() else ("0.0.0.0", "127.0.0.1")
    up = Up(tmp_path, "--host", host)
    up.write_map(f"a: '{url_host}:{free_port()}'\n")
    with up.running():
        assert up.first_line() == f"facegate ready http://{url_host}:{up.port}\n"
        processes = below(up.process.pid)

        up.process.send_signal(signal.SIGTERM)

        assert up.ends_with()[0] == 0
        assert alive(processes) == {}
        assert len(processes) >= 4  # supervisor, shard, its encoder worker, gateway


def test_a_gateway_that_others_reach_is_not_started_before_somebody_chose(tmp_path: Path) -> None:
    up = Up(tmp_path, "--host", "0.0.0.0")
    up.write_map(f"a: 127.0.0.1:{free_port()}\n")
    with up.running():
        status, said = up.ends_with()

    assert status == 1
    assert "FACEGATE_KEYS=required" in said


def test_nothing_outlives_facegate_up_when_it_is_killed(tmp_path: Path) -> None:
    up = Up(tmp_path)
    up.write_map(f"a: 127.0.0.1:{free_port()}\n")
    with up.running():
        wait_until(lambda: len(below(up.process.pid)) >= 3, "supervisor, shard and gateway run")
        processes = below(up.process.pid)

        up.process.kill()

        wait_gone(processes)


@pytest.mark.parametrize("taken", ["gateway", "shard"])
def test_a_busy_port_is_named(tmp_path: Path, taken: str) -> None:
    up = Up(tmp_path)
    shard = free_port()
    up.write_map(f"a: 127.0.0.1:{shard}\n")
    port = up.port if taken == "gateway" else shard
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", port))
        listener.listen()
        with up.running():
            code, said = up.ends_with()

    assert code == 1
    who = "the gateway" if taken == "gateway" else "the shard of 'a'"
    assert said == f"facegate: {who}: 127.0.0.1:{port} is in use by another program\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "the file is empty"),
        ("a: 127.0.0.1\n", "a.shards: '127.0.0.1': expected host:port"),
        ("a: 192.0.2.1:5001\n", "192.0.2.1:5001 is not an address of this machine"),
        ("a: no-such-host.invalid:5001\n", "the host of no-such-host.invalid:5001 is not known"),
    ],
)
def test_a_map_that_cannot_run_here_is_one_clear_line(
    tmp_path: Path, text: str, expected: str
) -> None:
    up = Up(tmp_path)
    up.write_map(text)
    with up.running():
        code, said = up.ends_with()

    assert code == 1
    assert expected in said
    assert said.count("\n") == 1


@pytest.mark.parametrize("host", ["", "1.2.3", "a b", "[::1", "http://here"])
def test_a_host_that_is_none_is_wrong_usage(tmp_path: Path, host: str) -> None:
    up = Up(tmp_path, "--host", host)
    with up.running():
        code, said = up.ends_with()

    assert code == 2
    assert "Invalid value for '--host'" in said


@pytest.mark.parametrize(
    ("option", "reason"),
    [
        ("gallery: not-there", "not-there"),
        ("model: not-there", "/models; known are dlib"),
        ("detector: not-there", "/models; known are hog, cnn"),
    ],
)
def test_a_shard_that_cannot_start_is_named_with_its_reason(
    tmp_path: Path, option: str, reason: str
) -> None:
    up = Up(tmp_path)
    up.write_map(f"version: 1\nstores:\n  a: {{shards: ['127.0.0.1:{free_port()}'], {option}}}\n")
    with up.running():
        code, said = up.ends_with()

    assert code == 1
    assert "the shard of 'a' ended: facegate shard: " in said
    assert reason in said
    assert said.count(" ended: ") == 1
