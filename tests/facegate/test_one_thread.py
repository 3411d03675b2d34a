"""No core is busy for nothing: `facegate up` in the environment that a user has, and imports."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cluster.processes import below
from tests.facegate.cluster.up_process import Up
from tests.pictures import sample
from tests.ports import free_port

pytestmark = pytest.mark.processes

PLAIN = {name: value for name, value in os.environ.items() if not name.endswith("_NUM_THREADS")}
PICTURES = 10
PAUSE = 0.05
"""Seconds after a picture: OpenBLAS's threads spin for 12 ms."""


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    with pytest.MonkeyPatch.context() as patch:
        for name in os.environ.keys() - PLAIN.keys():
            patch.delenv(name)
        up = Up(tmp_path_factory.mktemp("one-thread"))
        up.write_map(f"a: 127.0.0.1:{free_port()}\nb: 127.0.0.1:{free_port()}\n")
        with up.running():
            assert up.first_line().startswith("facegate ready")
            yield up


def cpu_ms(pid: int) -> float:
    """Return the CPU that the threads of a process have used, exactly: `stat` counts in 10 ms."""
    threads = Path(f"/proc/{pid}/task").iterdir()
    return sum(int((thread / "schedstat").read_text().split()[0]) for thread in threads) / 1e6


def used_meanwhile(up: Up, seconds: float, *others: int) -> dict[str, float]:
    """Return the CPU milliseconds of each process of the cluster over the next `seconds`.

    And of other processes, by their ids.
    """
    processes = below(up.process.pid) | dict.fromkeys(others, "")
    before = {pid: cpu_ms(pid) for pid in processes}
    time.sleep(seconds)
    return {f"{pid} {words}": cpu_ms(pid) - before[pid] for pid, words in processes.items()}


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_nothing_computes_on_after_a_picture_was_answered(up: Up) -> None:
    spent: dict[str, float] = {}
    with up.client() as client:
        client.enroll("a", "obama", sample("obama.jpg"))
        for _ in range(PICTURES):
            [face] = client.recognize("a", sample("obama2.jpg")).faces
            for process, milliseconds in used_meanwhile(up, PAUSE).items():
                spent[process] = spent.get(process, 0.0) + milliseconds

    assert face.face_id == "obama"
    assert {p: round(ms) for p, ms in spent.items() if ms > 4 * PICTURES} == {}


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_idle_processes_use_close_to_no_cpu(up: Up) -> None:
    """In one of three looks at least: what others do at the same time costs everybody CPU."""
    for _ in range(3):
        busy = _busy_for_nothing(up)
        if not busy:
            break
    assert busy == {}


def _busy_for_nothing(up: Up) -> dict[str, int]:
    """Return the CPU milliseconds in 3 s of processes that use more than an idle one may.

    That is 3% of a core, and what the machine charges a process for waking up 300 times a second:
    next to nothing, but up to 1.7 ms each time where a machine is virtual and idle.
    """
    with subprocess.Popen([sys.executable, "-c", WAKE_50_TIMES_A_SECOND]) as waking:
        try:
            spent = used_meanwhile(up, 3, waking.pid)
        finally:
            waking.kill()
    allowed = 0.03 * 3000 + 6 * spent.pop(f"{waking.pid} ")
    return {process: round(ms) for process, ms in spent.items() if ms > allowed}


WAKE_50_TIMES_A_SECOND = """
import time
while True:
    time.sleep(0.02)
"""
MULTIPLY = """
import time
import numpy as np
matrix = np.ones((1500, 1500))
matrix @ matrix
wall, cpu = time.perf_counter(), time.process_time()
for _ in range(5):
    matrix @ matrix
print((time.process_time() - cpu) / (time.perf_counter() - wall))
"""


@pytest.mark.parametrize("part", ["encoder", "facegate.evaluation", "gateway", "shard"])
@pytest.mark.parametrize("first", ["", "import faiss, numpy\n"])
def test_numpy_computes_on_one_thread_however_a_part_is_started(part: str, first: str) -> None:
    """Also in a program that had loaded numpy before it imported the part."""
    program = f"{first}import {part}\n{MULTIPLY}"
    command = [sys.executable, "-c", program]
    run = subprocess.run(command, env=PLAIN, capture_output=True, text=True, check=True)

    assert float(run.stdout) < 1.2
