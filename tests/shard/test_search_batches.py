"""Searches that wait go together, and each gets, or loses, what it would alone."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from typing import Any

import numpy as np
import pytest

from contract.deadline import Deadline
from contract.errors import Busy, DeadlineExceeded
from contract.vectors import Vectors
from scoring.cohort import Places
from scoring.score_scale import ScoreScale
from shard.gallery.gallery import Gallery
from shard.gallery.template_rows import NewTemplate
from shard.index.collection import Collection
from shard.index.face_index import SearchScope
from shard.index.hit import Hit
from shard.search_batches import MOST_TOGETHER, FoundFaces, SearchBatches, SearchQuestion
from shard.threads import SEARCH_THREADS, SharedThreads, Threads
from tests.shard.fakes import DIMENSION, MODEL, vector_of

PERSONS = 6


class GatedCollection(Collection):
    """Searches when `gate` is open; keeps how many probes were searched at once."""

    def __init__(self, gallery: Gallery) -> None:
        super().__init__(gallery, MODEL, DIMENSION, ScoreScale.of_model(MODEL))
        self.gate = threading.Event()
        self.begun = threading.Semaphore(0)
        self.batches: list[int] = []

    def search(
        self, probes: Vectors, k: int, scope: SearchScope = "own", places: Places | None = None
    ) -> list[list[Hit]]:
        self.batches.append(len(probes))
        self.begun.release()
        self.gate.wait()
        if np.isnan(probes).any():
            raise ArithmeticError("not a number")
        return super().search(probes, k, scope, places)


class Shard:
    """A shard whose threads are all searching: what is asked for now has to wait."""

    def __init__(self, collection: GatedCollection, batches: SearchBatches) -> None:
        self.collection = collection
        self.batches = batches
        self._first: list[asyncio.Task[FoundFaces]] = []

    async def fill(self) -> None:
        """Have every thread search."""
        for person in range(SEARCH_THREADS):
            self._first.append(self.ask(person))
            await asyncio.to_thread(self.collection.begun.acquire)
        self.collection.batches.clear()

    def ask(
        self, *persons: int, k: int = 1, scope: SearchScope = "own", seconds: float = 60.0
    ) -> asyncio.Task[FoundFaces]:
        return self.ask_of(np.stack([vector_of(one) for one in persons]), k, scope, seconds)

    def ask_of(
        self, probes: Vectors, k: int = 1, scope: SearchScope = "own", seconds: float = 60.0
    ) -> asyncio.Task[FoundFaces]:
        question = SearchQuestion(self.collection, k, scope)
        return asyncio.create_task(self.batches.search(Deadline(seconds), question, probes))

    async def empty(self) -> None:
        """Let the threads search on."""
        self.collection.gate.set()
        await asyncio.gather(*self._first)


@pytest.fixture
def threads() -> Iterator[Threads]:
    shared = SharedThreads()
    threads = Threads(shared)
    yield threads
    threads.close()
    shared.close()


@pytest.fixture
async def shard(gallery: Gallery, threads: Threads) -> AsyncIterator[Shard]:
    collection = GatedCollection(gallery)
    for person in range(PERSONS):
        collection.enroll(f"p-{person}", NewTemplate(vector_of(person), MODEL, 1.0))
    yield Shard(collection, SearchBatches(threads))
    collection.gate.set()


def names(found: FoundFaces) -> list[str]:
    return [hits[0].face.face_id for hits in found.hits]


async def all_wait() -> None:
    """Let what was asked come to where it waits."""
    await asyncio.sleep(0)


async def test_an_idle_shard_searches_at_once(shard: Shard) -> None:
    shard.collection.gate.set()

    assert names(await shard.ask(3)) == ["p-3"]
    assert shard.collection.batches == [1]


class _SilentVectors(np.ndarray[Any, Any]):
    """Vectors that nobody may write as text: for each search that took longer than to compare."""

    def __repr__(self) -> str:
        raise AssertionError("vectors were written as text")


async def test_no_search_writes_its_vectors_as_text(shard: Shard) -> None:
    shard.collection.gate.set()

    probes = np.stack([vector_of(3)]).view(_SilentVectors)

    assert names(await shard.ask_of(probes)) == ["p-3"]


async def test_searches_that_wait_go_together_and_each_gets_its_own_faces(shard: Shard) -> None:
    await shard.fill()
    waiting = [shard.ask(0, 1), shard.ask(2), shard.ask(3, 4, 5)]
    await all_wait()

    await shard.empty()

    found = await asyncio.gather(*waiting)
    assert shard.collection.batches == [6]
    assert [names(one) for one in found] == [["p-0", "p-1"], ["p-2"], ["p-3", "p-4", "p-5"]]
    assert [len(one.places.mean) for one in found] == [2, 1, 3]


async def test_what_is_asked_otherwise_goes_by_itself(shard: Shard) -> None:
    await shard.fill()
    waiting = [
        *(shard.ask(0), shard.ask(1, k=2), shard.ask(2, scope="everyone"), shard.ask(3)),
        *(shard.ask(4, k=2), shard.ask(5, scope="everyone")),
    ]
    await all_wait()

    await shard.empty()

    found = await asyncio.gather(*waiting)
    assert sorted(shard.collection.batches) == [2, 2, 2]
    assert [names(one) for one in found] == [[f"p-{person}"] for person in range(6)]
    assert [len(one.hits[0]) for one in found] == [1, 2, 1, 1, 2, 1]


async def test_no_more_probes_go_together_than_pay_off(shard: Shard) -> None:
    await shard.fill()
    persons = [person % PERSONS for person in range(MOST_TOGETHER)]
    waiting = [shard.ask(1), shard.ask(*persons), shard.ask(2), shard.ask(*persons, *persons)]
    await all_wait()

    await shard.empty()

    await asyncio.gather(*waiting)
    assert sorted(shard.collection.batches) == [1, 1, MOST_TOGETHER, 2 * MOST_TOGETHER]


async def test_while_many_are_searched_what_arrives_becomes_many(shard: Shard) -> None:
    many = shard.ask(*range(PERSONS), *range(PERSONS))
    await asyncio.to_thread(shard.collection.begun.acquire)
    waiting = [shard.ask(person) for person in range(PERSONS)]
    await all_wait()

    await shard.empty()

    await asyncio.gather(many, *waiting)
    assert shard.collection.batches == [2 * PERSONS, PERSONS]


async def test_who_asks_again_once_many_are_answered_goes_with_those_who_have_waited(
    shard: Shard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shard.search_batches._PAUSE_SECONDS", 1.0)  # a busy machine takes its time
    monkeypatch.setattr("shard.search_batches._WAITS", 1000.0)
    many = shard.ask(*range(PERSONS), *range(PERSONS))
    await asyncio.to_thread(shard.collection.begun.acquire)
    waiting = shard.ask(0)

    async def ask_again() -> None:
        await many
        await asyncio.gather(*(shard.ask(person) for person in range(PERSONS)))

    again = asyncio.create_task(ask_again())
    await shard.empty()
    await asyncio.gather(again, waiting)

    assert shard.collection.batches == [2 * PERSONS, PERSONS + 1]


async def test_a_search_that_fails_does_not_fail_those_that_went_with_it(shard: Shard) -> None:
    await shard.fill()
    wrong = np.full((1, DIMENSION), np.nan, np.float32)
    waiting = [shard.ask(1), shard.ask_of(wrong), shard.ask(2)]
    await all_wait()

    await shard.empty()

    first, failed, last = await asyncio.gather(*waiting, return_exceptions=True)
    assert isinstance(first, FoundFaces)
    assert isinstance(last, FoundFaces)
    assert (names(first), names(last)) == (["p-1"], ["p-2"])
    assert isinstance(failed, ArithmeticError)
    assert shard.collection.batches == [3, 1, 1, 1]


async def test_who_has_given_up_is_not_searched_for(shard: Shard) -> None:
    await shard.fill()
    cancelled, late, patient = shard.ask(1), shard.ask(2, seconds=0.0), shard.ask(3)
    await all_wait()
    cancelled.cancel()

    with pytest.raises(DeadlineExceeded):
        await late
    with pytest.raises(asyncio.CancelledError):
        await cancelled
    await shard.empty()

    assert names(await patient) == ["p-3"]
    assert shard.collection.batches == [1]


async def test_a_deadline_ends_the_waiting_for_a_search_that_is_under_way(shard: Shard) -> None:
    with pytest.raises(DeadlineExceeded):
        await shard.ask(1, seconds=0.0)
    shard.collection.gate.set()

    assert names(await shard.ask(2)) == ["p-2"]


async def test_more_than_can_be_done_in_time_are_refused_at_once(shard: Shard) -> None:
    await shard.fill()
    waiting = [shard.ask(1) for _ in range(300)]
    await all_wait()

    refused = [task for task in waiting if task.done()]
    assert refused
    for task in refused:
        with pytest.raises(Busy):
            await task
    await shard.empty()
    accepted = await asyncio.gather(*(task for task in waiting if task not in refused))
    assert all(names(found) == ["p-1"] for found in accepted)


async def test_a_search_that_waits_ends_with_the_threads(shard: Shard, threads: Threads) -> None:
    await shard.fill()
    waiting = shard.ask(1)
    await all_wait()
    closing = asyncio.create_task(asyncio.to_thread(threads.close))

    await shard.empty()
    await closing

    await asyncio.wait([waiting])  # found or refused: the pool may have closed before it began
