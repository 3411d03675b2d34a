"""`facegate up` as a real process, and the processes below it."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from facegate import Client, ClientError
from tests.cluster.processes import below, wait_until
from tests.ports import free_port


class Up:
    """One `facegate up` in `folder`, whose stores.yaml is a map of one-shard stores."""

    def __init__(self, folder: Path, *options: str, **settings: str) -> None:
        """`settings` are put into its environment."""
        self.options = options
        self.settings = settings
        self.folder = folder
        self.map = folder / "stores.yaml"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.stderr = folder / "stderr"
        self._process: subprocess.Popen[str] | None = None

    @property
    def process(self) -> subprocess.Popen[str]:
        assert self._process is not None, "not started"
        return self._process

    def write_map(self, text: str) -> None:
        draft = self.map.with_suffix(".new")
        draft.write_text(text, encoding="utf-8")
        draft.replace(self.map)

    @property
    def command(self) -> list[str]:
        arguments = ["--stores", str(self.map), "--data", str(self.folder / "data")]
        facegate = str(Path(sys.executable).parent / "facegate")
        return [facegate, "up", *arguments, "--port", str(self.port), *self.options]

    def start(self) -> None:
        with self.stderr.open("ab") as stderr:
            self._process = subprocess.Popen(
                self.command,
                env={**os.environ, "FACEGATE_ENCODER_WORKERS": "1", **self.settings},
                stdout=subprocess.PIPE,
                stderr=stderr,
                text=True,
            )

    def first_line(self) -> str:
        """Wait for the first line on standard output; empty when the process ends before."""
        assert self.process.stdout is not None
        return self.process.stdout.readline()

    def ends_with(self) -> tuple[int, str]:
        """Wait until it ends, and return the exit code and what it said."""
        return self.process.wait(timeout=120), self.stderr.read_text(encoding="utf-8")

    def close(self) -> None:
        """Close the pipe of a process that has ended."""
        assert self.process.stdout is not None
        self.process.stdout.close()

    def healthy(self) -> list[str]:
        """Return the stores that are served now; none while the gateway does not answer.

        A shard that was never asked passes for healthy: only one that told its faces counts.
        """
        try:
            with self.client() as client:
                stores = client.stores()
                return [s.store for s in stores if s.healthy and s.faces is not None]
        except ClientError:
            return []

    def client(self) -> Client:
        return Client(self.url, key=self.admin_key)

    @property
    def admin_key(self) -> Path:
        return self.folder / "data" / "admin.key"

    def pid_of(self, words: str) -> int:
        """Return the pid of the one process below whose command line ends with `words`."""
        [pid] = [pid for pid, command in below(self.process.pid).items() if command.endswith(words)]
        return pid

    @contextlib.contextmanager
    def running(self) -> Iterator["Up"]:
        """Start it, and be sure that nothing is left of it at the end."""
        self.start()
        processes: dict[int, str] = {}
        try:
            yield self
        finally:
            processes = below(self.process.pid)
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(timeout=120)
            self.close()
            kill_rest(processes)


def alive(processes: dict[int, str]) -> dict[int, str]:
    """Return those of `processes` that still run the same command."""
    listing = subprocess.run(
        ["ps", "-A", "-ww", "-o", "pid=,stat=,args="], capture_output=True, text=True, check=True
    )
    rows = [line.split(None, 2) for line in listing.stdout.splitlines()]
    running = {int(row[0]): row[2] for row in rows if len(row) == 3 and row[1][0] != "Z"}
    return {pid: args for pid, args in processes.items() if running.get(pid) == args}


def kill_rest(processes: dict[int, str]) -> None:
    """End what a failed test left behind."""
    for pid in alive(processes):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def wait_gone(processes: dict[int, str]) -> None:
    wait_until(lambda: not alive(processes), "every process ended")
