"""Ends the processes that a former `facegate up` in a folder left running when it was killed."""

import contextlib
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

from facegate.cluster.pid_file import running_processes

TERMINATE_SECONDS = 15.0
"""Seconds that a process may take to end by itself: services drain for at most 10."""
KILL_SECONDS = 5.0


class StillRunning(Exception):
    """A process of the former run does not end; the text names it."""


def end_leftover_processes(
    run: Path, say: Callable[[str], None], timeout: float = TERMINATE_SECONDS
) -> None:
    """Return when no process holds a PID file in the folder `run` any more.

    They are asked to end, the process manager with them, which would start the others again; what
    has not ended after `timeout` seconds is killed. Raises StillRunning.
    """
    found = dict(running_processes(run))
    if not found:
        return
    say(f"processes of the former run are ending: {', '.join(found)}")
    for pid in found.values():
        _signal(os.kill, pid, signal.SIGTERM)
    if _wait_until_none(run, timeout):
        return
    for _, pid in running_processes(run):
        _signal(os.killpg, pid, signal.SIGKILL)
    if not _wait_until_none(run, KILL_SECONDS):
        left = ", ".join(f"{name} ({pid})" for name, pid in running_processes(run))
        raise StillRunning(f"processes of the former run do not end: {left}")


def _signal(send: Callable[[int, int], None], pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        send(pid, number)


def _wait_until_none(run: Path, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while any(True for _ in running_processes(run)):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True
