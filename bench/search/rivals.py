"""The systems that facegate is compared with, each in processes of its own."""

import http.client
import json
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from bench.search.bars import CHROMA, COURSE, FAISS, LANCE
from bench.search.clients import Ask, Searched, search
from bench.search.measured import Measured, share_alike
from bench.search.memory import resident_bytes
from bench.search.people import SearchedPeople
from bench.service.cpu import cpu_ms
from bench.service.systems import plain_environment
from contract.vectors import Vector, pack
from tests.ports import free_port

ROOT = Path(__file__).parents[2]
LIBRARIES = ROOT / ".venv-bench" / "bin" / "python"
"""Has the vector stores: `make bench-search` puts them there."""
_CALLED = {"faiss": FAISS, "lancedb": LANCE, "chroma": CHROMA}


def library(what: str, folder: Path, people: SearchedPeople, seconds: float) -> Measured:
    """Measure `faiss`, `lancedb` or `chroma` with the people whose vectors are in `folder`.

    `exact` is 1: see `compared_with`.
    """
    python = sys.executable if what == "faiss" else str(LIBRARIES)
    command = [python, "-m", "bench.search.library", what, str(folder), str(seconds)]
    ran = subprocess.run(
        command, cwd=ROOT, env=plain_environment(), stdout=subprocess.PIPE, check=True
    )
    said = json.loads(ran.stdout.splitlines()[-1])
    searched = {int(clients): Searched(**each) for clients, each in said["searched"].items()}
    return Measured(
        _CALLED[what],
        len(people.templates),
        searched,
        1.0,
        said["build"],
        said["bytes_each"],
        said["add_ms"],
        said["remove_ms"],
    )


def course(
    folder: Path, people: SearchedPeople, clients: Sequence[int], seconds: float
) -> Measured:
    """Measure the course's service with the people whose vectors are in `folder`."""
    port, started = free_port(), time.perf_counter()
    vectors = str(folder / "templates.npy")
    command = [sys.executable, "-m", "bench.search.course", str(port), vectors]
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=plain_environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while not _answers(port, people.probes[0]):
            if process.poll() is not None:
                raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}")
            time.sleep(0.05)
        start = time.perf_counter() - started
        before = cpu_ms([process.pid])
        one = search(lambda: _client(port), list(people.probes), 1, seconds)
        spent = (cpu_ms([process.pid]) - before) / (one.a_second * seconds)
        searched = {1: one} | {
            many: search(lambda: _client(port), list(people.probes), many, seconds)
            for many in clients
            if many > 1
        }
        memory = resident_bytes(process.pid) / len(people.templates)
    finally:
        process.terminate()
        process.wait(timeout=60)
    return Measured(COURSE, len(people.templates), searched, 1.0, start, memory, cpu_ms=spent)


def _client(port: int) -> Ask:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def ask(probe: Vector) -> str | None:
        connection.request("POST", "/search", pack(probe))
        return str(json.loads(connection.getresponse().read())["name"])

    return ask


def _answers(port: int, probe: Vector) -> bool:
    try:
        _client(port)(probe)
    except (OSError, http.client.HTTPException):
        return False
    return True


def as_exact_as(row: Measured, exact: Measured) -> Measured:
    """Return a row, and how often it found whom `exact` found."""
    share = share_alike(row.searched[1].found, exact.searched[1].found)
    return Measured(**{**vars(row), "exact": share})
