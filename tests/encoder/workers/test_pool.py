"""The pool of real worker processes: bounded, on time, and not to be brought down by a picture."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

import numpy as np
import pytest
import uvloop

from contract.deadline import Deadline
from contract.errors import (
    BrokenPicture,
    Busy,
    ConfigurationError,
    DeadlineExceeded,
    EmptyPicture,
    EncoderCrashed,
)
from contract.stores.detection import Detection
from contract.stores.region import Region
from encoder import (
    AsyncEncoder,
    Backend,
    Encoder,
    EncoderChoice,
    EncoderPool,
    Face,
    PictureLimits,
)
from encoder.workers.messages import EncodeRequest
from encoder.workers.process import WorkerProcess
from tests.encoder.picture_files import png_of_zeros
from tests.encoder.processes import (
    cpu_seconds,
    is_running,
    linux_only,
    peak_memory,
    until,
    workers_of,
)
from tests.pictures import sample

_FACE = sample("obama.jpg")
_LONG_WORK = png_of_zeros(7_000, 7_000)
"""No face, but a quarter of a second or more of decoding and searching."""


@asynccontextmanager
async def running_pool(workers: int = 1, queue: int = 16) -> AsyncIterator[EncoderPool]:
    pool = EncoderPool("onnx", workers, queue)
    await pool.start()
    try:
        yield pool
    finally:
        await pool.close()
        assert not workers_of(os.getpid())


def _one_worker() -> int:
    (worker,) = workers_of(os.getpid())
    return worker


async def _work_has_begun(worker: int) -> None:
    before = cpu_seconds(worker)
    await until(lambda: cpu_seconds(worker) > before + 0.05)


pytestmark = [linux_only, pytest.mark.processes]


async def test_answers_as_the_encoder_itself_does(onnx_encoder: Encoder) -> None:
    async with running_pool() as pool:
        encoder: AsyncEncoder = pool
        (expected,) = onnx_encoder.encode(_FACE)
        (actual,) = await encoder.encode(_FACE, Deadline(60))
        assert (encoder.model, encoder.dimension) == (onnx_encoder.model, onnx_encoder.dimension)
        assert (actual.box, actual.confidence) == (expected.box, expected.confidence)
        assert actual.quality == expected.quality
        assert np.array_equal(actual.vector, expected.vector)
        assert actual.vector.dtype == np.float32
        assert actual.plain is not None
        assert expected.plain is not None
        assert np.array_equal(actual.plain, expected.plain)
        assert actual.template is None


async def test_is_told_how_a_camera_hangs_and_where_faces_count(onnx_encoder: Encoder) -> None:
    turned = Detection(rotate=180, region=Region.parse([[0, 0], [1, 0], [1, 0.9], [0, 0.9]]))
    nowhere = Detection(region=Region.parse([0, 0, 0.01, 0.01]))
    async with running_pool() as pool:
        faces = await pool.encode(_FACE, Deadline(60), turned)

        assert [face.box for face in faces] == [
            face.box for face in onnx_encoder.encode(_FACE, turned)
        ]
        assert await pool.encode(_FACE, Deadline(20), nowhere) == []


async def test_brings_the_template_of_a_face_that_is_to_be_enrolled(onnx_encoder: Encoder) -> None:
    async with running_pool() as pool:
        (expected,) = onnx_encoder.encode(_FACE, to_enroll=True)
        (actual,) = await pool.encode(_FACE, Deadline(20), to_enroll=True)
        assert actual.template is not None
        assert expected.template is not None
        assert np.array_equal(actual.template, expected.template)
        assert peak_memory(_one_worker()) < 320_000_000


async def test_a_worker_stays_small() -> None:
    async with running_pool() as pool:
        assert len(await pool.encode(_FACE, Deadline(20))) == 1
        assert peak_memory(_one_worker()) < 220_000_000


async def test_refusals_cross_the_process_border() -> None:
    async with running_pool() as pool:
        with pytest.raises(EmptyPicture):
            await pool.encode(b"", Deadline(60))
        with pytest.raises(BrokenPicture, match="JPEG file is broken"):
            await pool.encode(_FACE[:5000], Deadline(60))


async def test_what_does_not_fit_in_the_queue_is_busy_at_once() -> None:
    async with running_pool(workers=1, queue=2) as pool:
        os.kill(worker := _one_worker(), signal.SIGSTOP)
        inside = [asyncio.create_task(pool.encode(_FACE, Deadline(60))) for _ in range(3)]
        await until(lambda: pool.waiting == 2)
        with pytest.raises(Busy):
            await pool.encode(_FACE, Deadline(60))
        os.kill(worker, signal.SIGCONT)
        assert [len(faces) for faces in await asyncio.gather(*inside)] == [1, 1, 1]
        assert pool.waiting == 0


async def test_a_deadline_passes_while_the_picture_waits() -> None:
    async with running_pool() as pool:
        os.kill(worker := _one_worker(), signal.SIGSTOP)
        first = asyncio.create_task(pool.encode(_FACE, Deadline(60)))
        await until(lambda: pool.waiting == 0)
        with pytest.raises(DeadlineExceeded):
            await pool.encode(_FACE, Deadline(0.2))
        os.kill(worker, signal.SIGCONT)
        assert len(await first) == 1
        assert _one_worker() == worker


async def test_a_worker_that_hangs_is_replaced_and_its_request_ends_on_time() -> None:
    async with running_pool() as pool:
        os.kill(worker := _one_worker(), signal.SIGSTOP)
        with pytest.raises(DeadlineExceeded):
            await pool.encode(_FACE, Deadline(0.3))
        assert len(await pool.encode(_FACE, Deadline(20))) == 1
        assert not is_running(worker)


async def test_a_worker_survives_a_client_that_goes_away() -> None:
    async with running_pool() as pool:
        worker = _one_worker()
        request = asyncio.create_task(pool.encode(_LONG_WORK, Deadline(20)))
        await _work_has_begun(worker)
        request.cancel()
        assert len(await pool.encode(_FACE, Deadline(20))) == 1
        assert _one_worker() == worker


async def test_an_idle_worker_that_is_killed_costs_no_request() -> None:
    async with running_pool() as pool:
        os.kill(worker := _one_worker(), signal.SIGKILL)
        assert len(await pool.encode(_FACE, Deadline(20))) == 1
        assert _one_worker() != worker


async def test_a_picture_that_kills_its_worker_costs_that_request_alone() -> None:
    async with running_pool(workers=2) as pool:
        before = workers_of(os.getpid())
        deadly = asyncio.create_task(pool.encode(_LONG_WORK, Deadline(20)))
        used = {worker: cpu_seconds(worker) for worker in before}
        await until(lambda: any(cpu_seconds(pid) > used[pid] + 0.05 for pid in before))
        victim = max(before, key=lambda pid: cpu_seconds(pid) - used[pid])
        others = [asyncio.create_task(pool.encode(_FACE, Deadline(20))) for _ in range(4)]
        os.kill(victim, signal.SIGKILL)
        with pytest.raises(EncoderCrashed):
            await deadly
        assert [len(faces) for faces in await asyncio.gather(*others)] == [1] * 4
        await until(lambda: len(workers_of(os.getpid())) == 2)


async def test_killing_workers_again_and_again_loses_only_what_they_worked_on() -> None:
    async with running_pool(workers=2) as pool:
        for _ in range(3):
            requests = [asyncio.create_task(pool.encode(_FACE, Deadline(30))) for _ in range(6)]
            await until(lambda: pool.waiting == 4)
            for worker in workers_of(os.getpid()):
                os.kill(worker, signal.SIGKILL)
            outcomes = await asyncio.gather(*requests, return_exceptions=True)
            crashed = [outcome for outcome in outcomes if isinstance(outcome, EncoderCrashed)]
            assert len(crashed) <= 2
            assert sum(isinstance(outcome, list) for outcome in outcomes) == 6 - len(crashed)


async def test_a_pool_that_cannot_start_says_why_and_leaves_nothing() -> None:
    pool = EncoderPool(cast(Backend, "magic"), workers=2)
    with pytest.raises(ConfigurationError, match="no encoder 'magic'"):
        await pool.start()
    assert not workers_of(os.getpid())


async def test_a_worker_that_is_stopped_at_work_fails_its_picture() -> None:
    worker = await WorkerProcess.start(EncoderChoice(), PictureLimits())
    request = EncodeRequest(_LONG_WORK, Detection(), to_enroll=False)
    picture = asyncio.create_task(worker.encode(request, seconds=30))
    await _work_has_begun(worker.pid)

    await worker.stop()

    with pytest.raises(EncoderCrashed):
        await picture


@pytest.mark.parametrize("turns", range(6))
def test_a_start_that_is_given_up_leaves_no_worker(turns: int) -> None:
    async def give_up() -> None:
        start = asyncio.create_task(WorkerProcess.start(EncoderChoice(), PictureLimits()))
        for _ in range(turns):
            await asyncio.sleep(0)
        start.cancel()
        with pytest.raises(asyncio.CancelledError):
            await start
        assert not workers_of(os.getpid())

    for factory in (asyncio.new_event_loop, uvloop.new_event_loop):
        with asyncio.Runner(loop_factory=factory) as runner:
            runner.run(give_up())


async def test_closes_unstarted_and_twice() -> None:
    pool = EncoderPool()
    await pool.close()
    await pool.start()
    await pool.close()
    await pool.close()
    assert not workers_of(os.getpid())


def test_works_on_the_loop_that_the_services_run_on() -> None:
    async def encode() -> list[Face]:
        async with running_pool() as pool:
            os.kill(_one_worker(), signal.SIGKILL)
            return await pool.encode(_FACE, Deadline(20))

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        assert len(runner.run(encode())) == 1


_PARENT = """
import asyncio, sys
from contract.deadline import Deadline
from encoder import EncoderPool
from tests.encoder.picture_files import png_of_zeros

async def main():
    pool = EncoderPool("onnx", workers=2)
    await pool.start()
    print("ready", flush=True)
    while sys.argv[1] == "working":
        await pool.encode(png_of_zeros(7_000, 7_000), Deadline(60))
    await asyncio.sleep(60)

asyncio.run(main())
"""


@pytest.mark.parametrize("state", ["idle", "working"])
async def test_workers_end_when_their_parent_is_killed(state: str) -> None:
    parent = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", _PARENT, state), stdout=asyncio.subprocess.PIPE
    )
    assert parent.stdout is not None
    assert await parent.stdout.readline() == b"ready\n"
    workers = workers_of(parent.pid)
    assert len(workers) == 2
    if state == "working":
        used = {worker: cpu_seconds(worker) for worker in workers}
        await until(lambda: any(cpu_seconds(worker) > used[worker] + 0.05 for worker in workers))
    parent.kill()
    await parent.wait()
    await until(lambda: not any(map(is_running, workers)))
