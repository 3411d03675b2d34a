"""`facegate up` with many small stores: how soon it is ready, its memory, a picture's time."""

import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import httpx
import numpy as np

from bench.chain.galleries import DrawnGalleries, store_name
from tests.cluster.processes import below
from tests.pictures import sample
from tests.ports import free_port

PICTURES = 40


@dataclass(frozen=True)
class UpRow:
    """What was measured: `memory_gb` is what all processes share in proportion (PSS)."""

    stores: int
    ready_seconds: float
    memory_gb: float
    p50: float
    """Milliseconds until a picture of somebody whom no store knows is answered."""


def measure_up(stores: int, per_shard: int, galleries: DrawnGalleries) -> UpRow:
    """Start `facegate up` with so many stores, so many of them a shard, and stop it afterwards."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        names = [store_name(number) for number in range(stores)]
        ports = [free_port() for _ in range(0, stores, per_shard)]
        lines = [f"{each}: 127.0.0.1:{ports[n // per_shard]}" for n, each in enumerate(names)]
        (folder / "stores.yaml").write_text("\n".join([*lines, ""]), encoding="utf-8")
        galleries.put(folder / "data", stores)
        port = free_port()
        command = [str(Path(sys.executable).parent / "facegate"), "up", "--port", str(port)]
        began = time.perf_counter()
        with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True) as up:
            try:
                assert up.stdout is not None
                up.stdout.readline()  # facegate ready
                ready = time.perf_counter() - began
                times = [_post(port, names[0]) for _ in range(PICTURES)]
                memory = sum(map(_proportional_gb, [up.pid, *below(up.pid)]))
            finally:
                up.terminate()
        return UpRow(stores, ready, memory, float(np.median(times)))


def _post(port: int, store: str) -> float:
    began = time.perf_counter()
    httpx.post(
        f"http://127.0.0.1:{port}/v1/stores/{store}/recognize",
        content=sample("biden.jpg"),
        params={"mint": False, "visit": False},
        timeout=60,
    ).raise_for_status()
    return (time.perf_counter() - began) * 1000


def _proportional_gb(pid: int) -> float:
    """Return the memory of a process; what it shares with others is divided among them."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="utf-8")
    except (FileNotFoundError, ProcessLookupError):  # it has ended
        return 0.0
    [kilobytes] = [line.split()[1] for line in text.splitlines() if line.startswith("Pss:")]
    return int(kilobytes) / 1e6
