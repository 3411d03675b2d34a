"""What a killed `facegate up` leaves behind ends, or is ended, and keeps nobody from starting."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from facegate.cluster.leftover_processes import StillRunning, end_leftover_processes
from facegate.cluster.pid_file import running_processes
from facegate.cluster.supervisor_configuration import RUN
from tests.cluster.processes import below, wait_until
from tests.facegate.cluster.up_process import Up, alive, wait_gone
from tests.ports import free_port

MANAGER = "facegate.cluster.supervisor_process"

pytestmark = pytest.mark.processes

STUBBORN = """
import signal, sys, time
from pathlib import Path
from facegate.cluster.pid_file import hold_pid_file
signal.signal(signal.SIGTERM, signal.SIG_IGN if sys.argv[2] == "stubborn" else signal.SIG_DFL)
hold_pid_file(Path(sys.argv[1]), sys.argv[2])
print("marked", flush=True)
time.sleep(60)
"""


@contextmanager
def marked(folder: Path, name: str) -> Iterator[subprocess.Popen[str]]:
    """Run a process with a mark, in a group of its own as services have."""
    command = [sys.executable, "-c", STUBBORN, str(folder), name]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, process_group=0) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "marked\n"
        try:
            yield process
        finally:
            process.kill()


def test_a_mark_names_its_process_and_ends_with_it(tmp_path: Path) -> None:
    with marked(tmp_path, "gateway") as process:
        assert list(running_processes(tmp_path)) == [("gateway", process.pid)]
        process.kill()
        process.wait()

        assert list(running_processes(tmp_path)) == []
    assert (tmp_path / "gateway.pid").read_text() == "", "the number may be another program's now"


def test_who_does_not_end_when_asked_is_killed(tmp_path: Path) -> None:
    said: list[str] = []
    with marked(tmp_path, "stubborn") as stubborn, marked(tmp_path, "gateway") as polite:
        end_leftover_processes(tmp_path, said.append, timeout=0.5)

        assert polite.wait(60) == -signal.SIGTERM
        assert stubborn.wait(60) == -signal.SIGKILL
    assert said == ["processes of the former run are ending: gateway, stubborn"]


def test_nothing_left_is_nothing_to_say(tmp_path: Path) -> None:
    said: list[str] = []
    (tmp_path / "gateway.pid").write_text(f"{os.getpid()}\n")  # not locked: nobody's

    end_leftover_processes(tmp_path / "absent", said.append)
    end_leftover_processes(tmp_path, said.append)

    assert said == []


def test_who_survives_even_that_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("facegate.cluster.leftover_processes.KILL_SECONDS", 0.2)
    monkeypatch.setattr("facegate.cluster.leftover_processes.os.killpg", lambda pid, number: None)
    with (
        marked(tmp_path, "stubborn") as process,
        pytest.raises(StillRunning, match=rf"stubborn \({process.pid}\)"),
    ):
        end_leftover_processes(tmp_path, lambda text: None, timeout=0.2)


def test_a_killed_run_and_a_killed_process_manager_are_followed_by_a_working_one(
    tmp_path: Path,
) -> None:
    killed = Up(tmp_path)
    killed.write_map(f"a: 127.0.0.1:{free_port()}\n")
    killed.start()
    assert killed.first_line()
    left = below(killed.process.pid)

    os.kill(killed.process.pid, signal.SIGKILL)
    killed.process.wait()
    killed.close()
    with marked(tmp_path / "data" / RUN, "camera") as late, killed.running() as up:
        assert up.first_line() == f"facegate ready http://127.0.0.1:{up.port}\n"
        assert alive(left) == {}
        assert late.wait(60) == -signal.SIGTERM, "the others may have ended by themselves"
        assert "processes of the former run are ending" in up.stderr.read_text()

        before = below(up.process.pid)
        [manager] = [pid for pid, command in before.items() if MANAGER in command]
        os.kill(manager, signal.SIGKILL)

        wait_gone(before)
        wait_until(lambda: up.healthy() == ["a"], "the store is served again")
        assert "the process manager has ended; it is started again" in up.stderr.read_text()


def test_nothing_outlives_both_when_both_are_killed(tmp_path: Path) -> None:
    up = Up(tmp_path)
    up.write_map(f"a: 127.0.0.1:{free_port()}\n")
    with up.running():
        wait_until(lambda: len(below(up.process.pid)) >= 3, "manager, shard and gateway run")
        processes = below(up.process.pid)
        for pid, command in processes.items():
            if MANAGER in command:
                os.kill(pid, signal.SIGSTOP)  # does not see its parent's end

        up.process.kill()
        for pid, command in processes.items():
            if MANAGER in command:
                os.kill(pid, signal.SIGKILL)

        wait_gone(processes)
