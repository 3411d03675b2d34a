"""A worker as its parent holds it."""

import asyncio
import sys
from contextlib import suppress
from typing import Any, Self

from contract.detection import Detection
from contract.errors import BadVectors, ConfigurationError, DeadlineExceeded, EncoderCrashed
from encoder import worker_messages
from encoder.face import Face
from encoder.load import EncoderChoice
from encoder.picture_limits import PictureLimits

_LONGEST_LINE = 16_000_000
"""Bytes: 20,000 faces of 128 dimensions."""


class WorkerGone(Exception):
    """The worker ended before it took the picture, which may go to another one."""


class WorkerProcess:
    """One process that runs `encoder.worker`; it encodes one picture at a time."""

    def __init__(self, process: asyncio.subprocess.Process, model: str, dimension: int) -> None:
        """Use `start` instead."""
        assert process.stdin is not None
        assert process.stdout is not None
        self.model = model
        self.dimension = dimension
        self.pid = process.pid
        self._process = process
        self._pictures = process.stdin
        self._answers = process.stdout
        self._killed = False

    @classmethod
    async def start(cls, choice: EncoderChoice, limits: PictureLimits) -> Self:
        """Start a worker and wait until its models are loaded. Raises ConfigurationError.

        It gets a session of its own, so that Ctrl-C in the terminal reaches the parent alone.
        """
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "encoder.worker"),
            worker_messages.start_text(choice, limits),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=_LONGEST_LINE,
            start_new_session=True,
        )
        try:
            return await cls._ready(process)
        except BaseException:
            await _end(process)
            raise

    @classmethod
    async def _ready(cls, process: asyncio.subprocess.Process) -> Self:
        assert process.stdout is not None
        line = await process.stdout.readline()
        if not line:
            code = await process.wait()
            raise ConfigurationError(f"an encoder worker ended at its start with code {code}")
        message = worker_messages.from_line(line)
        if worker_messages.FAILED in message:
            raise ConfigurationError(message[worker_messages.FAILED])
        return cls(process, message["model"], message["dimension"])

    @property
    def alive(self) -> bool:
        """False once it has ended or was killed."""
        return not (self._killed or self._answers.at_eof())

    async def encode(self, picture: bytes, detection: Detection, seconds: float) -> list[Face]:
        """Return the faces in the picture file, largest first; kill the worker after `seconds`.

        Raises a PictureError, EncoderCrashed when the picture ended the worker, DeadlineExceeded
        when it was killed, WorkerGone when it had ended before.
        """
        try:
            async with asyncio.timeout(seconds):
                return worker_messages.faces_of(await self._answer(picture, detection))
        except TimeoutError:
            self._kill()
            raise DeadlineExceeded("the picture took too long") from None
        except (KeyError, TypeError, ValueError, BadVectors) as error:
            self._kill()
            raise EncoderCrashed("the worker's answer made no sense") from error
        except (asyncio.CancelledError, EncoderCrashed, WorkerGone):
            self._kill()
            raise

    async def _answer(self, picture: bytes, detection: Detection) -> dict[str, Any]:
        order = worker_messages.Order(len(picture), detection)
        with suppress(ConnectionError):  # a dead worker shows when its answer is read
            self._pictures.write(worker_messages.order_line(order))
            self._pictures.write(picture)
            await self._pictures.drain()
        if not await self._answers.readline():
            raise WorkerGone()
        line = await self._answers.readline()
        if not line:
            raise EncoderCrashed("the picture ended the process that encoded it")
        return worker_messages.from_line(line)

    async def ended(self) -> int:
        """Wait until the process has ended and return its exit code; −9 is a kill."""
        return await self._process.wait()

    async def stop(self) -> None:
        """End the process. A worker keeps nothing, so it is killed."""
        self._killed = True
        await _end(self._process)

    def _kill(self) -> None:
        self._killed = True
        with suppress(ProcessLookupError):
            self._process.kill()


async def _end(process: asyncio.subprocess.Process) -> None:
    assert process.stdout is not None
    with suppress(ProcessLookupError):
        process.kill()
    await process.wait()
    await process.stdout.read()  # to its end: then asyncio closes the pipes
