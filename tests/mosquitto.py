"""A real MQTT broker for tests, and somebody who listens there."""

import asyncio
import os
import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiomqtt
import pytest

from tests.pauses import pauses
from tests.ports import free_port


def _program() -> str:
    # Debian has it where users have no programs of administrators.
    found = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin")
    if found is None:
        pytest.skip("there is no mosquitto")
    return found


class Mosquitto:
    """A broker that keeps nothing from one run to the next."""

    def __init__(self, folder: Path, *options: str) -> None:
        """Prepare a broker whose configuration has `options`, too."""
        self.port = free_port()
        self._program = _program()
        self._configuration = folder / "mosquitto.conf"
        lines = [f"listener {self.port} 127.0.0.1", "persistence false", *options]
        if os.geteuid() == 0:
            lines.append("user root")  # who else could not read the files of a test
        if not any(option.startswith("allow_anonymous") for option in options):
            lines.append("allow_anonymous true")
        self._configuration.write_text("\n".join([*lines, ""]), encoding="utf-8")
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"mqtt://127.0.0.1:{self.port}"

    async def start(self) -> None:
        self._process = self._started()
        for pause in pauses(0.1):
            assert self._process.poll() is None, "mosquitto ended"
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", self.port)
            except OSError:
                await asyncio.sleep(pause)
            else:
                writer.close()
                return

    def _started(self) -> subprocess.Popen[bytes]:
        command = [self._program, "-c", str(self._configuration)]
        return subprocess.Popen(command, stderr=subprocess.DEVNULL)

    def kill(self) -> None:
        """End it as a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


@dataclass
class Listener:
    """What was published since somebody listens, in its order; retained messages first."""

    heard: list[tuple[str, str]] = field(default_factory=list)

    def of(self, topic: str) -> list[str]:
        return [payload for name, payload in self.heard if name == topic]

    def last(self, topic: str) -> str | None:
        return next(iter(self.of(topic)[::-1]), None)


@asynccontextmanager
async def listening(broker: Mosquitto, topic: str = "#") -> AsyncIterator[Listener]:
    """Listen to a broker until the block or the broker ends."""
    listener = Listener()
    async with aiomqtt.Client("127.0.0.1", broker.port) as client:
        await client.subscribe(topic, qos=1)

        async def listen() -> None:
            async for message in client.messages:
                assert isinstance(message.payload, bytes)
                listener.heard.append((str(message.topic), message.payload.decode()))

        task = asyncio.create_task(listen())
        try:
            yield listener
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
