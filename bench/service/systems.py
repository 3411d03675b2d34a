"""What is measured, in processes of its own, in the environment that a user has."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from bench.service.cpu import cpu_ms, family
from bench.service.crowd import HOME, Crowd
from contract.stores.detection import Detection
from encoder.load.encoder import EncoderChoice
from encoder.picture.limits import PictureLimits
from encoder.workers.messages import EncodeRequest
from encoder.workers.process import WorkerProcess
from tests.cluster.processes import wait_until
from tests.ports import free_port

_SECONDS = 60
_PARTS: Mapping[str, Callable[[str], bool]] = {
    "gateway": lambda words: words.endswith("-m gateway"),
    "home shard": lambda words: words.endswith((f"--store={HOME}", f"--store {HOME}")),
    "other shards": lambda words: "-m shard" in words,
    "encoder": lambda words: "-m encoder.workers.worker" in words,
    "supervisor": lambda words: True,
}
"""Which part of the system a process is, by its command line: the first that holds."""


@dataclass(frozen=True)
class System:
    """A running system: the port of its service, and its processes by what they are."""

    port: int
    parts: Mapping[str, Sequence[int]]

    def cpu_ms(self) -> dict[str, float]:
        """Return the CPU milliseconds that each part has used."""
        return {part: cpu_ms(pids) for part, pids in self.parts.items()}


@contextmanager
def facegate(
    crowd: Crowd, folder: Path, settings: Mapping[str, str] = MappingProxyType({})
) -> Iterator[System]:
    """Run `facegate up` with one encoder worker a shard; the stores' folders are imported.

    `settings` are added to a user's environment.
    """
    crowd.write(folder / "galleries")
    stores = {store: {"gallery": str(folder / "galleries" / store)} for store in crowd.enrolled}
    with facegate_up(stores, folder, settings) as system:
        yield system


@contextmanager
def facegate_up(
    stores: Mapping[str, Mapping[str, object]], folder: Path, settings: Mapping[str, str]
) -> Iterator[System]:
    """Run `facegate up` with one encoder worker a shard for `stores`, by name with their options.

    The data are in `folder`. `settings` are added to a user's environment.
    """
    folder.mkdir(parents=True, exist_ok=True)
    placed = {
        store: {"shards": [f"127.0.0.1:{free_port()}"], **options}
        for store, options in stores.items()
    }
    (folder / "stores.yaml").write_text(json.dumps({"version": 1, "stores": placed}))
    port = free_port()
    command = [str(Path(sys.executable).parent / "facegate"), "up"]
    places = ["--stores", str(folder / "stores.yaml"), "--data", str(folder / "data")]
    environment = {**plain_environment(), "FACEGATE_ENCODER_WORKERS": "1", **settings}
    with _process([*command, *places, "--port", str(port)], environment) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line.startswith(b"facegate ready"):
            raise RuntimeError("`facegate up` did not start; it says why above")
        yield System(port, _parts(process.pid))


def _parts(pid: int) -> dict[str, list[int]]:
    parts: dict[str, list[int]] = {part: [] for part in _PARTS}
    for number, words in family(pid).items():
        parts[next(part for part, holds in _PARTS.items() if holds(words))].append(number)
    return parts


@contextmanager
def course(crowd: Crowd, folder: Path) -> Iterator[System]:
    """Run the course's service with the people of the home store."""
    crowd.write(folder)
    port = free_port()
    command = [sys.executable, "-m", "bench.service.course", str(port), str(folder / HOME)]
    with _process(command, plain_environment(), stderr=subprocess.DEVNULL) as process:
        wait_until(lambda: process.poll() is not None or _listens(port), "the course's service")
        if process.poll() is not None:
            raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}")
        yield System(port, {"service": [process.pid]})


async def encoder_alone(pictures: Sequence[bytes], count: int) -> tuple[float, float]:
    """Return pictures a second, and CPU milliseconds a picture, of one worker that is kept busy."""
    worker = await WorkerProcess.start(EncoderChoice(), PictureLimits())
    try:
        requests = [EncodeRequest(picture, Detection(), to_enroll=False) for picture in pictures]
        for request in requests[:10]:
            await worker.encode(request, _SECONDS)
        before, started = cpu_ms([worker.pid]), time.perf_counter()
        for number in range(count):
            await worker.encode(requests[number % len(requests)], _SECONDS)
        spent, seconds = cpu_ms([worker.pid]) - before, time.perf_counter() - started
    finally:
        await worker.stop()
        await asyncio.sleep(0)  # its pipes are closed
    return count / seconds, spent / count


def plain_environment() -> dict[str, str]:
    """Return what a user's shell has: no setting of ours, no number of threads."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("FACEGATE_") and not name.endswith("_NUM_THREADS")
    }


@contextmanager
def _process(
    command: Sequence[str], environment: Mapping[str, str], stderr: int | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=stderr)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=60)
        assert process.stdout is not None
        process.stdout.close()


def _listens(port: int) -> bool:
    inodes = Path("/proc/net/tcp").read_text().splitlines()
    return any(f":{port:04X} 00000000:0000 0A" in line for line in inodes)
