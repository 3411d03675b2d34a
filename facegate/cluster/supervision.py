"""Supervisor, which keeps the processes of one machine alive, as this process talks to it.

It runs as a child of this process (`facegate.cluster.supervisor_process`).
"""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
import xmlrpc.client  # nosec B411
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from supervisor.xmlrpc import SupervisorTransport

from facegate.cluster.leftover_processes import StillRunning, end_leftover_processes
from facegate.cluster.supervisor_configuration import RUN, STOP_SECONDS, Program, configuration

_CHILD = "facegate.cluster.supervisor_process"


class Process(NamedTuple):
    """A program's process: `state` in Supervisor's words, `pid` 0 when there is none."""

    state: str
    pid: int

    @property
    def has_failed(self) -> bool:
        """True when it ended on its own and is not, or not yet, started again."""
        return self.state in {"BACKOFF", "EXITED", "FATAL"}


class SupervisionError(Exception):
    """Supervisor could not be started, or does not answer."""


class SupervisorEnded(SupervisionError):
    """Supervisor has ended, by itself or killed."""


class Supervision:
    """A Supervisor with its programs; its files are in `folder`/run and `folder`/logs."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self._socket_folder: Path | None = None

    def start(self, programs: Iterable[Program]) -> None:
        """Start Supervisor and all `programs`. Raises SupervisionError."""
        (self._folder / "logs").mkdir(parents=True, exist_ok=True)
        # Under the data folder the path might be longer than a socket's may be, about 100 bytes.
        self._socket_folder = Path(tempfile.mkdtemp(prefix="facegate-"))
        self._write(programs)
        arguments = [f"{RUN}/supervisord.conf", str(self._socket_folder), str(os.getpid())]
        command = [sys.executable, "-P", "-X", "utf8", "-m", _CHILD, *arguments]
        # Ctrl-C on a terminal shall reach the parent alone, which then stops all in order:
        # therefore a session of its own.
        self._process = subprocess.Popen(  # noqa: S603 - this very Python, and nothing given
            command,
            cwd=self._folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._wait_started()

    def update(self, programs: Iterable[Program]) -> None:
        """Make `programs` the ones that run; those that stay the same are not touched."""
        self._write(programs)
        [[added, changed, removed]] = self._call("reloadConfig")
        for name in [*removed, *changed]:
            self._call("stopProcessGroup", name)
            self._call("removeProcessGroup", name)
        for name in [*changed, *added]:
            self._call("addProcessGroup", name)

    def processes(self) -> Mapping[str, Process]:
        """Return the process of every program by the program's name."""
        rows = self._call("getAllProcessInfo")
        return {row["name"]: Process(row["statename"], row["pid"]) for row in rows}

    def log_of(self, name: str) -> Path:
        """Return where the output of the program `name` goes."""
        return self._folder / "logs" / f"{name}.log"

    def stop(self, first: str) -> None:
        """Stop the program `first`, then all others, then Supervisor; return when they have ended.

        Supervisor on its own would stop one after the other.
        """
        if self._process is not None:
            with contextlib.suppress(SupervisionError):  # `first` or Supervisor has ended already
                self._call("stopProcess", first)
            with contextlib.suppress(SupervisionError):
                self._call("stopAllProcesses")
            self._process.terminate()
            try:
                self._process.wait(2 * STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self.end_leftover_processes(lambda text: None)  # what a killed Supervisor leaves
        if self._socket_folder is not None:
            shutil.rmtree(self._socket_folder, ignore_errors=True)

    def end_leftover_processes(self, say: Callable[[str], None]) -> None:
        """End what runs in this folder, and was started by a run that was killed.

        Raises SupervisionError.
        """
        try:
            end_leftover_processes(self._folder / RUN, say)
        except StillRunning as error:
            raise SupervisionError(str(error)) from error

    def _write(self, programs: Iterable[Program]) -> None:
        run = self._folder / RUN
        run.mkdir(parents=True, exist_ok=True)
        text = configuration(self._socket, programs)
        (run / "supervisord.conf").write_text(text, encoding="utf-8")

    @property
    def _socket(self) -> Path:
        assert self._socket_folder is not None, "not started"
        return self._socket_folder / "supervisor.sock"

    def _wait_started(self) -> None:
        deadline = time.monotonic() + 30
        while True:
            try:
                self._call("getState")
            except SupervisionError:
                if self.has_ended or time.monotonic() > deadline:
                    raise
                time.sleep(0.05)
            else:
                return

    @property
    def has_ended(self) -> bool:
        """True when Supervisor does not run (any more): its programs end with it."""
        return self._process is None or self._process.poll() is not None

    def _call(self, method: str, *arguments: str) -> Any:
        """Call Supervisor; what it returns is as its XML-RPC API documents."""
        transport = SupervisorTransport(None, None, f"unix://{self._socket}")
        try:
            with xmlrpc.client.ServerProxy("http://supervisor", transport=transport) as server:
                return getattr(server.supervisor, method)(*arguments)
        except (OSError, xmlrpc.client.Error) as error:
            if self.has_ended:
                raise SupervisorEnded("the process manager has ended") from error
            raise SupervisionError(f"the process manager does not answer: {error}") from error
