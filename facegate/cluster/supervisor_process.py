"""`python -m facegate.cluster.supervisor_process CONF SOCKET_FOLDER PARENT`: be Supervisor.

It is a child of the process PARENT, which uses `facegate.cluster.supervision`. It ends when that
process ends, and with it all that it has started, however that happens: Linux sees to it, and
elsewhere the next run in the same folder does, which finds them by their PID files.
"""

import ctypes
import os
import shutil
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from supervisor import supervisord
from supervisor.options import ServerOptions

from facegate.cluster.pid_file import hold_pid_file
from facegate.cluster.supervisor_configuration import MANAGER, RUN

_PR_SET_PDEATHSIG = 1


class _Options(ServerOptions):  # type: ignore[misc]  # Supervisor has no types
    """Supervisor that has what it starts hold a PID file, and end with Supervisor."""

    first, test = True, False  # as Supervisor's own main sets them

    def __init__(self) -> None:
        super().__init__()
        self._manager = os.getpid()

    def cleanup_fds(self) -> None:
        """Keep the mark's file open: nothing else was inherited."""

    def execve(self, filename: str, argv: Sequence[str], env: Mapping[str, str]) -> None:
        """Become the program, in the process that was forked for it."""
        _end_with_parent(self._manager)
        hold_pid_file(Path(RUN), env["SUPERVISOR_PROCESS_NAME"])
        super().execve(filename, argv, env)


def _end_with_parent(parent: int) -> None:
    """Have Linux send this process SIGTERM when `parent` ends, even by kill -9.

    Ends it now if that has happened already.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        os._exit(1)


def _supervise(configuration: str, parent: int) -> None:
    """Be Supervisor until a signal."""
    _end_with_parent(parent)
    hold_pid_file(Path(RUN), MANAGER)
    options = _Options()
    options.realize(["--configuration", configuration])
    supervisord.go(options)
    options.close_httpservers()
    options.close_logger()


if __name__ == "__main__":
    try:
        _supervise(sys.argv[1], int(sys.argv[3]))
    finally:
        shutil.rmtree(sys.argv[2], ignore_errors=True)  # for a parent that was killed
