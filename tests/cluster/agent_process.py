"""`facegate camera` as a real process."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.cluster.processes import wait_until


class AgentProcess:
    """An agent that watches a source for a store; it can be killed, and started again."""

    def __init__(self, url: str, store: str, source: str, folder: Path, *options: str) -> None:
        facegate = str(Path(sys.executable).parent / "facegate")
        spool = str(folder / "spool")
        self.command = [
            *(facegate, "camera", store, source, "--url", url, "--json"),
            *("--spool", spool, *options),
        ]
        self.output = folder / "agent.jsonl"
        self.errors = folder / "agent.err"
        self.environment = dict(os.environ)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.output.open("ab") as output, self.errors.open("ab") as errors:
            self._process = subprocess.Popen(
                self.command, env=self.environment, stdout=output, stderr=errors
            )

    def run(self) -> int:
        """Run it to its end, and return its exit code."""
        self.start()
        return self.wait()

    def wait(self) -> int:
        assert self._process is not None
        return self._process.wait(timeout=180)

    def kill(self) -> None:
        """End it as a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def interrupt(self) -> int:
        """End it as Ctrl-C does, and return its exit code."""
        assert self._process is not None
        self._process.send_signal(signal.SIGINT)
        return self.wait()

    def said(self, event: str) -> list[dict[str, Any]]:
        """Return what it has said so far of one kind."""
        if not self.output.exists():
            return []
        lines = self.output.read_text(encoding="utf-8").splitlines()
        return [line for line in map(json.loads, lines) if line["event"] == event]

    def wait_said(self, event: str, times: int = 1) -> None:
        wait_until(lambda: len(self.said(event)) >= times, f"the agent says {event} {times} times")
