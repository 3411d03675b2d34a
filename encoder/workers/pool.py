"""A pool of encoder processes with a bounded queue; a process that ends is replaced."""

import asyncio
import logging
from typing import NoReturn

from contract.deadline import Deadline
from contract.errors import Busy, DeadlineExceeded
from contract.stores.detection import Detection
from encoder.face import Face
from encoder.load.encoder import Backend, EncoderChoice
from encoder.picture.limits import PictureLimits
from encoder.workers.messages import EncodeRequest
from encoder.workers.process import WorkerGone, WorkerProcess

log = logging.getLogger(__name__)

_PATIENCE = 2.0
"""Seconds that a worker may always spend on a picture, even when nobody waits for it any more.

A new worker costs more than most pictures: under overload, killing at every deadline that passes
would leave a machine that only starts workers.
"""
_RESTART_PAUSE = 1.0
"""Seconds between two attempts to start a worker that cannot start."""


class EncoderPool:
    """Encodes in `workers` processes; up to `queue` further pictures wait, in their order.

    A picture that kills its worker costs that request alone. Not for use from several loops.
    """

    def __init__(
        self,
        choice: EncoderChoice | Backend = "onnx",
        workers: int = 1,
        queue: int = 16,
        limits: PictureLimits | None = None,
    ) -> None:
        """Prepare a pool; `start` starts it."""
        self.model = ""
        self.dimension = 0
        self.waiting = 0
        self._choice = EncoderChoice(choice) if isinstance(choice, str) else choice
        self._limits = limits or PictureLimits()
        self._workers = workers
        self._places = workers + queue
        self._inside = 0
        self._processes: set[WorkerProcess] = set()  # all that close() must end
        self._idle: asyncio.Queue[WorkerProcess] = asyncio.Queue()
        self._keepers: list[asyncio.Task[NoReturn]] = []

    async def start(self) -> None:
        """Start the workers, which load their models. Raises ConfigurationError."""
        starts = (self._start_worker() for _ in range(self._workers))
        outcomes = await asyncio.gather(*starts, return_exceptions=True)
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                await self.close()
                raise outcome
            self.model, self.dimension = outcome.model, outcome.dimension
            self._idle.put_nowait(outcome)
            self._keepers.append(asyncio.create_task(self._keep(outcome)))

    async def close(self) -> None:
        """Kill the workers; pictures that are inside fail. Closing twice, or unstarted, is fine."""
        keepers, self._keepers = self._keepers, []
        for keeper in keepers:
            keeper.cancel()
        await asyncio.gather(*keepers, return_exceptions=True)
        await asyncio.gather(*(worker.stop() for worker in self._processes))
        self._processes.clear()

    async def encode(
        self,
        picture: bytes,
        deadline: Deadline,
        detection: Detection = Detection(),
        *,
        to_enroll: bool = False,
    ) -> list[Face]:
        """Return the faces in the picture file, largest first; none is an empty list.

        With `to_enroll` the first one has a `template`. Raises a PictureError or BodyTooLarge when
        the picture is refused, Busy when too many wait already, DeadlineExceeded when the deadline
        passes first.
        """
        self._limits.check_file(picture)
        if self._inside >= self._places:
            raise Busy(f"{self._inside} pictures are being encoded or wait for it")
        self._inside += 1
        try:
            async with asyncio.timeout(deadline.left):
                return await self._encode(EncodeRequest(picture, detection, to_enroll), deadline)
        except TimeoutError:
            raise DeadlineExceeded("the picture was not encoded in time") from None
        finally:
            self._inside -= 1

    async def _encode(self, request: EncodeRequest, deadline: Deadline) -> list[Face]:
        while True:
            worker = await self._free_worker()
            work = asyncio.create_task(self._work(worker, request, deadline))
            try:
                return await asyncio.shield(work)  # a worker finishes though its client is gone
            except WorkerGone:
                log.info("an encoder worker had ended idle; the picture goes to the next one")

    async def _free_worker(self) -> WorkerProcess:
        self.waiting += 1
        try:
            while not (worker := await self._idle.get()).alive:
                pass  # its keeper replaces it
            return worker
        finally:
            self.waiting -= 1

    async def _work(
        self, worker: WorkerProcess, request: EncodeRequest, deadline: Deadline
    ) -> list[Face]:
        try:
            return await worker.encode(request, max(deadline.left, _PATIENCE))
        finally:
            if worker.alive:
                self._idle.put_nowait(worker)

    async def _keep(self, worker: WorkerProcess) -> NoReturn:
        """Whenever the worker ends, for whatever reason, put another in its place."""
        while True:
            code = await worker.ended()
            log.warning("encoder worker %d ended with code %d", worker.pid, code)
            await worker.stop()
            self._processes.discard(worker)
            worker = await self._another()
            self._idle.put_nowait(worker)

    async def _another(self) -> WorkerProcess:
        while True:
            try:
                return await self._start_worker()
            except Exception as error:  # noqa: BLE001 - no memory, no process, no sense: once more
                log.error("no encoder worker can be started: %r", error)
                await asyncio.sleep(_RESTART_PAUSE)

    async def _start_worker(self) -> WorkerProcess:
        worker = await WorkerProcess.start(self._choice, self._limits)
        self._processes.add(worker)
        return worker
