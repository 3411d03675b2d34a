"""What visits teach goes to the store's writing shard, in nobody's way, or is lost and counted."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web

from contract.deadline import Deadline
from contract.errors import ShardUnavailable
from contract.messages.face import Box
from contract.messages.lesson import LearnAnswer, Lesson
from contract.messages.recognition import RecognizedFace, VisitMark
from contract.stores.map_parser import parse_store_map
from contract.stores.store_map import Store
from contract.vectors import to_text
from gateway.chain.face_vectors import FaceVectors
from gateway.metrics import GatewayMetrics
from gateway.recognition.learning import Learning
from tests.gateway.fake_chain import ANNA, Chain, running, until
from tests.shard.fakes import vector_of


class FakeWriters:
    """The writing shards; each lesson fails with the next of `errors`, as long as there are any."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.taught: list[tuple[str, str]] = []
        self.gate = asyncio.Event()
        self.gate.set()

    async def learn(
        self,
        store: Store,
        face_id: str,
        vectors: FaceVectors,
        *,
        visit: str,
        quality: float,
        deadline: Deadline,
    ) -> LearnAnswer:
        await self.gate.wait()
        self.taught.append((face_id, visit))
        if self.errors:
            raise self.errors.pop(0)
        return LearnAnswer(store=store.id, learned=face_id != "doubtful")


def store() -> Store:
    return parse_store_map(b"s: h:1", Path("stores.yaml")).store("s")


def face(face_id: str, visit: str | None = "17", taught: bool = True) -> RecognizedFace:
    lesson = Lesson(vector=to_text(vector_of(1)), model="m", frames=1, quality=1.0)
    return RecognizedFace(
        box=Box(top=0, right=1, bottom=1, left=0),
        match="home",
        face_id=face_id,
        visit=None if visit is None else VisitMark(id=visit, new=True, count=1, returning=False),
        lesson=lesson if taught else None,
    )


@asynccontextmanager
async def learning(
    writers: FakeWriters, metrics: GatewayMetrics, most: int = 10
) -> AsyncIterator[Learning]:
    work = Learning(writers, metrics, most)  # type: ignore[arg-type]  # of Shards it uses `learn`
    running = asyncio.create_task(work.run())
    yield work
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


def counted(metrics: GatewayMetrics, outcome: str) -> float:
    labels = {"outcome": outcome}
    return metrics.registry.get_sample_value("facegate_lessons_total", labels) or 0.0


async def test_lessons_of_recorded_visits_are_delivered() -> None:
    writers, metrics = FakeWriters(), GatewayMetrics()
    async with learning(writers, metrics) as work:
        work.offer(
            store(),
            [face("v-1"), face("v-2", visit=None), face("v-3", taught=False), face("doubtful")],
        )
        await until(lambda: counted(metrics, "refused") == 1)

    assert writers.taught == [("v-1", "17"), ("doubtful", "17")]
    assert counted(metrics, "learned") == 1


async def test_a_lesson_that_fails_is_lost_and_the_next_one_is_not() -> None:
    writers, metrics = FakeWriters(ShardUnavailable("nobody")), GatewayMetrics()
    async with learning(writers, metrics) as work:
        work.offer(store(), [face("v-1"), face("v-2")])
        await until(lambda: counted(metrics, "learned") == 1)

    assert writers.taught == [("v-1", "17"), ("v-2", "17")]
    assert counted(metrics, "failed") == 1


async def test_when_too_many_wait_lessons_are_dropped() -> None:
    writers, metrics = FakeWriters(), GatewayMetrics()
    writers.gate.clear()
    async with learning(writers, metrics, most=2) as work:
        work.offer(store(), [face(f"v-{number}") for number in range(6)])
        assert counted(metrics, "dropped") == 4
        writers.gate.set()
        await until(lambda: counted(metrics, "learned") == 2)


@pytest.mark.parametrize(
    ("options", "query", "asked"),
    [
        ({}, {}, "visitors"),
        ({"learning": "everyone"}, {}, "everyone"),
        ({"learning": "nobody"}, {}, "nobody"),
        ({"learning": "everyone"}, {"visit": "false"}, "nobody"),
        ({"learning": "everyone"}, {"mint": "false"}, "nobody"),
    ],
)
async def test_the_home_shard_is_asked_for_what_the_store_allows(
    tmp_path: Path, options: dict[str, str], query: dict[str, str], asked: str
) -> None:
    async with running(tmp_path, options={"store-a": options}) as chain:
        await chain.recognize("store-a", ANNA, **query)

        [request] = chain.shard("store-a").asked("/recognize")
        assert request.query["learning"] == asked


async def test_a_camera_does_not_wait_for_a_writer_that_hangs(chain: Chain) -> None:
    """Nor does it see what is learned."""
    shard, lesson = chain.shard("store-a"), face("").lesson
    assert lesson is not None
    hangs = asyncio.Event()

    async def teaches(request: web.Request) -> web.StreamResponse:
        answer = await shard.recognize(request)
        assert isinstance(answer, web.Response)
        assert answer.text is not None
        box = '"threshold"'
        said = f'"lesson": {lesson.model_dump_json()}, {box}'
        return web.Response(text=answer.text.replace(box, said), content_type="application/json")

    async def learns(request: web.Request) -> web.StreamResponse:
        await hangs.wait()
        return web.json_response({"store": "store-a", "learned": True})

    shard.faults |= {"/recognize": teaches, "/faces/anna/learned": learns}
    for _ in range(3):
        answer = await chain.recognize("store-a", ANNA)
        assert lesson.vector not in str(answer)
        assert "lesson" not in answer["faces"][0]
    await until(lambda: shard.asked("/faces/anna/learned"))
    request = shard.asked("/faces/anna/learned")[0]
    assert request.query["visit"] == answer["faces"][0]["visit"]["id"]
    hangs.set()
