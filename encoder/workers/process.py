"""A worker process, from the parent's side."""

import asyncio
import sys
from contextlib import suppress
from typing import Any, Self

from contract.errors import BadVectors, ConfigurationError, DeadlineExceeded, EncoderCrashed
from encoder.face import Face
from encoder.interface import VectorModel
from encoder.load.encoder import EncoderChoice
from encoder.picture.limits import PictureLimits
from encoder.workers import messages as worker_messages
from encoder.workers.messages import EncodeRequest

_LONGEST_LINE = 16_000_000
"""Bytes: 20,000 faces of 128 dimensions."""


class WorkerGone(Exception):
    """The worker ended before it took the picture, which may go to another one."""


class WorkerProcess:
    """One process that runs `encoder.workers.worker`; it encodes one picture at a time."""

    def __init__(
        self, process: asyncio.subprocess.Process, first: VectorModel, second: VectorModel | None
    ) -> None:
        """Use `start` instead."""
        assert process.stdin is not None
        assert process.stdout is not None
        self.first = first
        self.second = second
        self.pid = process.pid
        self._process = process
        self._pictures = process.stdin
        self._answers = process.stdout
        self._reading = asyncio.Lock()
        self._killed = False

    @classmethod
    async def start(cls, choice: EncoderChoice, limits: PictureLimits) -> Self:
        """Start a worker and wait until its models are loaded. Raises ConfigurationError.

        It gets a session of its own, so that Ctrl-C in the terminal reaches the parent alone.
        """
        process = await _spawned(worker_messages.start_text(choice, limits))
        try:
            return await cls._ready(process)
        except BaseException:  # cancelled, too: nobody else ends the process
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
        return cls(process, *worker_messages.models_of(message))

    @property
    def alive(self) -> bool:
        """False once it has ended or was killed."""
        return not (self._killed or self._answers.at_eof())

    async def encode(self, request: EncodeRequest, seconds: float) -> list[Face]:
        """Return the faces in the picture file, largest first; kill the worker after `seconds`.

        Raises a PictureError, EncoderCrashed when the picture ended the worker, DeadlineExceeded
        when it was killed, WorkerGone when it had ended before.
        """
        try:
            async with asyncio.timeout(seconds):
                return worker_messages.faces_of(await self._answer(request))
        except TimeoutError:
            self._kill()
            raise DeadlineExceeded("the picture took too long") from None
        except (KeyError, TypeError, ValueError, BadVectors) as error:
            self._kill()
            raise EncoderCrashed("the worker's answer made no sense") from error
        except (asyncio.CancelledError, EncoderCrashed, WorkerGone):
            self._kill()
            raise

    async def _answer(self, request: EncodeRequest) -> dict[str, Any]:
        with suppress(ConnectionError):  # a dead worker shows when its answer is read
            self._pictures.write(worker_messages.request_line(request))
            self._pictures.write(request.picture)
            await self._pictures.drain()
        async with self._reading:
            taken, line = await self._answers.readline(), await self._answers.readline()
        if not taken:
            raise WorkerGone()
        if not line:
            raise EncoderCrashed("the picture ended the process that encoded it")
        return worker_messages.from_line(line)

    async def ended(self) -> int:
        """Wait until the process has ended and return its exit code; −9 is a kill."""
        return await self._process.wait()

    async def stop(self) -> None:
        """End the process. A worker keeps nothing, so it is killed."""
        self._kill()
        async with self._reading:  # whoever waits for an answer sees its end first
            await _end(self._process)

    def _kill(self) -> None:
        self._killed = True
        with suppress(ProcessLookupError):
            self._process.kill()


async def _spawned(start: str) -> asyncio.subprocess.Process:
    """Return a new process, which is ended when the wait for it is cancelled."""
    spawning = asyncio.create_task(
        asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "encoder.workers.worker", start),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=_LONGEST_LINE,
            start_new_session=True,
        )
    )
    try:
        return await asyncio.shield(spawning)
    except asyncio.CancelledError:
        await _end(await spawning)
        raise


async def _end(process: asyncio.subprocess.Process) -> None:
    assert process.stdout is not None
    with suppress(ProcessLookupError):
        process.kill()
    await process.wait()
    await process.stdout.read()  # to its end: then asyncio closes the pipes
