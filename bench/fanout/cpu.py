"""CPU time of processes and all that they started. Linux only: it reads /proc."""

import os
from pathlib import Path

_TICK = 1 / os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid: int) -> float:
    """Return the CPU seconds, user and system, that `pid` and its descendants have used.

    Descendants that have ended count as soon as their parent has waited for them.
    """
    # The process's name, in parentheses, may hold spaces: what is counted starts after it.
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
        children = _children(pid)
    except (FileNotFoundError, ProcessLookupError):  # it has just ended: its parent counts it
        return 0.0
    fields = stat.rpartition(")")[2].split()
    own = sum(map(int, fields[11:15])) * _TICK
    return own + sum(cpu_seconds(child) for child in children)


def _children(pid: int) -> list[int]:
    threads = Path(f"/proc/{pid}/task").iterdir()
    return [
        int(child)
        for thread in threads
        for child in (thread / "children").read_text(encoding="utf-8").split()
    ]
