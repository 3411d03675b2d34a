"""Encoder workers as a shard has them: how soon they are ready, what they take and give."""

import asyncio
import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from contract.deadline import Deadline
from contract.stores.detection import Detection
from encoder.load.encoder import EncoderChoice
from encoder.picture.limits import PictureLimits
from encoder.workers.messages import EncodeRequest
from encoder.workers.pool import EncoderPool
from encoder.workers.process import WorkerProcess

_STARTS = 5
_ROUNDS = 5
_SECONDS = 60


@dataclass(frozen=True)
class Cost:
    """What one worker costs that has encoded pictures."""

    ready: float
    """Seconds until it takes a picture, from a warm cache; the best of some starts."""
    resident: float
    """Megabytes, with what it shares with others."""
    share: float
    """Megabytes, of what is shared its part."""


async def cost(
    pictures: Sequence[bytes], choice: EncoderChoice, *, to_enroll: bool = False
) -> Cost:
    """Measure one of two workers."""
    costs = []
    for _ in range(_STARTS):
        started = time.perf_counter()
        worker = await WorkerProcess.start(choice, PictureLimits())
        ready = time.perf_counter() - started
        sibling = await WorkerProcess.start(choice, PictureLimits())
        try:
            for picture in pictures:
                request = EncodeRequest(picture, Detection(), to_enroll=to_enroll)
                await worker.encode(request, _SECONDS)
                await sibling.encode(request, _SECONDS)
            costs.append(Cost(ready, *_memory(worker.pid)))
        finally:
            await worker.stop()
            await sibling.stop()
    return Cost(
        min(cost.ready for cost in costs),
        max(cost.resident for cost in costs),
        max(cost.share for cost in costs),
    )


def _memory(pid: int) -> tuple[float, float]:
    """Return resident and proportional megabytes of a process."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="utf-8").splitlines()
    kilobytes = {
        name: int(rest.split()[0]) for name, _, rest in (x.partition(":") for x in lines[1:])
    }
    return kilobytes["Rss"] / 1024, kilobytes["Pss"] / 1024


async def pictures_a_second(pictures: Sequence[bytes], counts: Sequence[int]) -> list[float]:
    """Return how many pictures so many workers encode, always busy: the best of rounds in turn."""
    best = [0.0] * len(counts)
    async with AsyncExitStack() as stack:
        pools = []
        for count in counts:
            pool = EncoderPool(workers=count, queue=len(pictures))
            stack.push_async_callback(pool.close)
            await pool.start()
            pools.append(pool)
        for _ in range(_ROUNDS):
            for number, pool in enumerate(pools):
                started = time.perf_counter()
                await _encode_all(pool, pictures)
                speed = len(pictures) / (time.perf_counter() - started)
                best[number] = max(best[number], speed)
    return best


async def _encode_all(pool: EncoderPool, pictures: Sequence[bytes]) -> None:
    deadline = Deadline(_SECONDS)
    await asyncio.gather(*(pool.encode(picture, deadline) for picture in pictures))


@contextmanager
def without_the_extra() -> Iterator[None]:
    """Start processes that find no llvmlite, as where facegate[turbo] is not installed."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "llvmlite.py").write_text("raise ImportError\n", encoding="utf-8")
        before = os.environ.get("PYTHONPATH")
        os.environ["PYTHONPATH"] = folder
        try:
            yield
        finally:
            del os.environ["PYTHONPATH"]
            if before is not None:
                os.environ["PYTHONPATH"] = before
