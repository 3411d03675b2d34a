"""Supervisor, which keeps the processes of one machine alive. The one module that knows it.

`python -m facegate.cluster.supervision CONF SOCKET_FOLDER PARENT` is Supervisor itself, as a
child of the process PARENT, which uses the class `Supervision`. It ends when that process ends, and
with it all that it has started, however that happens: Linux sees to it, and elsewhere the next run
in the same folder does, which finds them by their PID files (facegate.cluster.leftover_processes).
"""

import contextlib
import ctypes
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import xmlrpc.client
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from supervisor import supervisord
from supervisor.options import ServerOptions
from supervisor.xmlrpc import SupervisorTransport

from facegate.cluster.leftover_processes import StillRunning, end_leftover_processes
from facegate.cluster.pid_file import hold_pid_file

START_SECONDS = 30
"""A process that ends sooner is seen as failed, and tried again after a pause that grows."""
STOP_SECONDS = 15
"""A process that does not end sooner is killed; services drain for at most 10 seconds."""
MANAGER = "supervisord"
_RUN = "run"
_PR_SET_PDEATHSIG = 1


class Program(NamedTuple):
    """What to keep running."""

    name: str
    command: tuple[str, ...]


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
        arguments = [f"{_RUN}/supervisord.conf", str(self._socket_folder), str(os.getpid())]
        command = [sys.executable, "-P", "-X", "utf8", "-m", __name__, *arguments]
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
            end_leftover_processes(self._folder / _RUN, say)
        except StillRunning as error:
            raise SupervisionError(str(error)) from error

    def _write(self, programs: Iterable[Program]) -> None:
        run = self._folder / _RUN
        run.mkdir(parents=True, exist_ok=True)
        text = _configuration(self._socket, programs)
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


def _configuration(socket: Path, programs: Iterable[Program]) -> str:
    """Return supervisord.conf; the paths in it are relative to the folder where Supervisor runs."""
    fixed = {
        "supervisord": {
            "nodaemon": "true",
            "silent": "true",
            "logfile": "logs/supervisor.log",
            "pidfile": f"{_RUN}/{MANAGER}.pid",
            "childlogdir": "logs",
        },
        "unix_http_server": {"file": _escaped(str(socket)), "chmod": "0700"},
        "rpcinterface:supervisor": {
            "supervisor.rpcinterface_factory": "supervisor.rpcinterface:make_main_rpcinterface"
        },
    }
    sections = fixed | {f"program:{program.name}": _section(program) for program in programs}
    return "\n".join(
        "\n".join([f"[{name}]", *(f"{key}={value}" for key, value in options.items()), ""])
        for name, options in sections.items()
    )


def _section(program: Program) -> dict[str, str]:
    return {
        "command": _escaped(" ".join(_quoted(word) for word in program.command)),
        "autorestart": "true",
        "startsecs": str(START_SECONDS),
        "startretries": "1000000",
        "stopwaitsecs": str(STOP_SECONDS),
        "killasgroup": "true",  # a service's own workers end with it
        "redirect_stderr": "true",
        "stdout_logfile": f"logs/{program.name}.log",
        "stdout_logfile_maxbytes": "20MB",
        "stdout_logfile_backups": "3",
    }


def _quoted(word: str) -> str:
    """Quote one word of a command for a shell, and keep Supervisor from seeing a comment in it.

    Supervisor cuts a line at a space that is followed by `;` or `#`, inside quotes too; closing and
    opening the quotes between the two changes nothing for the shell's syntax.
    """
    return re.sub(r"(\s)(?=[;#])", r"\1''", shlex.quote(word))


def _escaped(value: str) -> str:
    return value.replace("%", "%%")


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
        hold_pid_file(Path(_RUN), env["SUPERVISOR_PROCESS_NAME"])
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
    hold_pid_file(Path(_RUN), MANAGER)
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
