"""A pool of encoder processes with a bounded queue; a process that ends is replaced."""

import asyncio
import logging
from typing import NoReturn

from contract.deadline import Deadline
from contract.errors import Busy, ConfigurationError, DeadlineExceeded, NotReady
from contract.stores.detection import Detection
from encoder.face import Face
from encoder.interface import VectorModel
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
_RESTART_PAUSE, _LONGEST_PAUSE = 1.0, 60.0
"""Seconds before a worker that cannot start is tried again; each time twice as long."""


class EncoderPool:
    """Encodes in `workers` processes; up to `queue` further pictures wait, in their order.

    A picture that kills its worker costs that request alone. All workers make vectors of one model:
    one whose files were changed meanwhile is kept out. Not for use from several loops.
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
        self.second: VectorModel | None = None
        self.waiting = 0
        self.problem: str | None = None
        self._choice = EncoderChoice(choice) if isinstance(choice, str) else choice
        self._limits = limits or PictureLimits()
        self._workers = workers
        self._places = workers + queue
        self._inside = 0
        self._processes: set[WorkerProcess] = set()  # all that close() must end
        self._idle: asyncio.Queue[WorkerProcess] = asyncio.Queue()
        self._keepers: list[asyncio.Task[NoReturn]] = []

    @property
    def is_stopped(self) -> bool:
        """Whether no worker is left, and none can be started."""
        return self.problem is not None and not self._processes

    async def start(self) -> None:
        """Start the workers, which load their models. Raises ConfigurationError."""
        starts = (self._start_worker() for _ in range(self._workers))
        outcomes = await asyncio.gather(*starts, return_exceptions=True)
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                await self.close()
                raise outcome
            if not self._is_alike(outcome):
                await self.close()
                raise self._another_model(outcome)
            (self.model, self.dimension), self.second = outcome.first, outcome.second
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
        passes first, NotReady when no worker can be started.
        """
        self._limits.check_file(picture)
        if self.is_stopped:
            raise NotReady(self.problem or "")
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
        pause = _RESTART_PAUSE
        while True:
            try:
                worker = await self._start_worker()
                self.problem = None
                return worker
            except Exception as error:  # noqa: BLE001 - no memory, no process, no sense: once more
                log.error("no encoder worker can be started: %s", error)
                self.problem = f"no encoder worker can be started: {error}"
                await asyncio.sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE)

    async def _start_worker(self) -> WorkerProcess:
        worker = await WorkerProcess.start(self._choice, self._limits)
        if not self._is_alike(worker):
            await worker.stop()
            raise self._another_model(worker)
        self._processes.add(worker)
        return worker

    def _is_alike(self, worker: WorkerProcess) -> bool:
        """Say whether a worker has the models of the others, of which there may be none yet."""
        models = VectorModel(self.model, self.dimension), self.second
        return not self.model or models == (worker.first, worker.second)

    def _another_model(self, worker: WorkerProcess) -> ConfigurationError:
        """Vectors of two models must not pass for one: a start of the shard looks at it anew."""
        now, before = worker.first.model, self.model
        if now == before:
            now, before = (each.model if each else "" for each in (worker.second, self.second))
        changed = f"its model is {now!r} now, not {before!r}"
        return ConfigurationError(f"{changed}: the files were changed; start the shard again")
