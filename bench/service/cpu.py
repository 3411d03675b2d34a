"""CPU time of processes, each by itself, in steps of 10 ms. Linux only: it reads /proc."""

import os
from collections.abc import Iterable
from pathlib import Path

_TICK_MS = 1000 / os.sysconf("SC_CLK_TCK")


def family(pid: int) -> dict[int, str]:
    """Return the command line of `pid` and of everything below it, by pid."""
    words = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode().strip()
    found = {pid: words}
    for thread in Path(f"/proc/{pid}/task").iterdir():
        for child in (thread / "children").read_text().split():
            found |= family(int(child))
    return found


def cpu_ms(pids: Iterable[int]) -> float:
    """Return the CPU milliseconds that processes have used, with their threads that ended."""
    return sum(map(_process_ms, pids))


def _process_ms(pid: int) -> float:
    # The process's name, in parentheses, may hold spaces: what is counted starts after it.
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * _TICK_MS
