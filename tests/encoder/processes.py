"""What /proc says about worker processes; the tests that need it run on Linux alone."""

import asyncio
import os
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.pauses import pauses

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


def workers_of(parent: int) -> set[int]:
    """Return the encoder workers that the process `parent` has started and that run."""
    numbers = (path.name for path in Path("/proc").iterdir() if path.name.isdigit())
    return {pid for pid in map(int, numbers) if _is_worker(pid, parent)}


def is_running(pid: int) -> bool:
    """Return whether the process runs: it exists, and is no zombie that nobody has fetched."""
    return bool(fields := _stat(pid)) and fields[0] not in "ZX"


def cpu_seconds(pid: int) -> float:
    """Return the processor time that the process has used."""
    fields = _stat(pid)
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def peak_memory(pid: int) -> int:
    """Return the most bytes of memory that the process ever held."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024


def set_memory_cap(pid: int, size: int) -> None:
    """Let the process hold at most `size` bytes of data."""
    resource.prlimit(pid, resource.RLIMIT_DATA, (size, size))


async def until(condition: Callable[[], bool], seconds: float = 60) -> None:
    """Wait until the condition holds; fail after `seconds`."""
    end = time.monotonic() + seconds
    for pause in pauses(0.02):
        if condition():
            return
        assert time.monotonic() < end, "the condition did not come true"
        await asyncio.sleep(pause)


def _is_worker(pid: int, parent: int) -> bool:
    fields = _stat(pid)
    if not fields or fields[0] in "ZX" or int(fields[1]) != parent:
        return False
    try:
        return b"encoder.workers.worker" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def _stat(pid: int) -> list[str]:
    """Return the fields of /proc/PID/stat from the state on; none when the process is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []
