"""Searches that arrive while others run are made together.

A matrix product compares many probes in a third of the time that they take one by one. An idle
shard searches at once. While many are searched, what arrives becomes many as well; and who has just
been answered often asks again at once, so the next many wait a moment for them. Otherwise those who
ask in turns would stay apart: of 32 it was eight and 24 alternately, a third more work.
"""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from contract.deadline import Deadline
from contract.errors import Busy, DeadlineExceeded
from contract.vectors import Vectors
from scoring.cohort import Places
from shard.index.collection import Collection
from shard.index.face_index import SearchScope
from shard.index.hit import Hit
from shard.threads import SEARCH_THREADS, Threads

MOST_TOGETHER = 32
"""Probes that are searched together, unless one request has more: twice as many would take twice as
long, and gain a tenth."""
_MANY = 8
"""Probes from which a batch is so much cheaper that the next one waits for its end, to be large,
too: of 128 dimensions, Faiss takes a matrix product from 7 on."""
_PAUSE_SECONDS = 0.002
"""After many were answered, nobody is waited for any more when nobody has come for so long."""
_WAITS = 0.15
"""How long is waited for others at most, as a part of what the last batch took."""
_MOST_WAITING = 256
"""Searches that wait; more are refused at once: they would only time out."""


class SearchQuestion(NamedTuple):
    """What searches have to have in common to be made together."""

    collection: Collection
    k: int
    scope: SearchScope = "own"


class FoundFaces(NamedTuple):
    """What was found of some probes."""

    places: Places
    """Those of the probes among the cohort, each of shape (n,)."""
    hits: list[list[Hit]]
    """Of each probe, best first."""


@dataclass(frozen=True, eq=False)
class _Search:
    question: SearchQuestion
    probes: Vectors
    places: Places | None
    found: "asyncio.Future[FoundFaces]" = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )

    def settle(self, outcome: FoundFaces | BaseException) -> None:
        if self.found.done():  # nobody waits for it any more
            return
        if isinstance(outcome, asyncio.CancelledError):
            self.found.cancel()
        elif isinstance(outcome, BaseException):
            self.found.set_exception(outcome)
        else:
            self.found.set_result(outcome)

    def goes_with(self, other: "_Search") -> bool:
        placed = (self.places is None) == (other.places is None)
        return placed and self.question == other.question


class SearchBatches:
    """Searches on the threads for them, in batches."""

    def __init__(self, threads: Threads) -> None:
        self._threads = threads
        self._waiting: dict[_Search, None] = {}
        self._running: dict[asyncio.Task[None], int] = {}

    async def search(
        self,
        deadline: Deadline,
        question: SearchQuestion,
        probes: Vectors,
        places: Places | None = None,
    ) -> FoundFaces:
        """Return what a search finds of the unit vectors `probes` (n, d); see FaceIndex.search.

        `places` are those of the probes, computed here when they are not given. Raises Busy, and
        DeadlineExceeded: then a search that was under way goes on to its end.
        """
        if len(self._waiting) >= _MOST_WAITING:
            raise Busy(f"{len(self._waiting)} searches wait for a thread")
        search = _Search(question, probes, places)
        self._waiting[search] = None
        self._start()
        try:
            async with asyncio.timeout(deadline.left):
                return await search.found
        except TimeoutError:
            raise DeadlineExceeded("no search was done in time") from None
        finally:
            self._waiting.pop(search, None)

    def _start(self) -> None:
        while self._waiting and self._may_start:
            batch = self._taken()
            task = asyncio.create_task(self._run(batch))
            self._running[task] = sum(len(search.probes) for search in batch)
            task.add_done_callback(self._ended)

    @property
    def _may_start(self) -> bool:
        running = self._running.values()
        return len(running) < SEARCH_THREADS and sum(running) < _MANY

    def _ended(self, task: "asyncio.Task[None]") -> None:
        del self._running[task]
        self._start()

    def _taken(self) -> list[_Search]:
        """Take the search that has waited longest, and those that go with it, as far as allowed."""
        first = next(iter(self._waiting))
        batch: list[_Search] = []
        probes = 0
        for search in [each for each in self._waiting if each.goes_with(first)]:
            probes += len(search.probes)
            if batch and probes > MOST_TOGETHER:
                break
            del self._waiting[search]
            batch.append(search)
        return batch

    async def _run(self, batch: Sequence[_Search]) -> None:
        began = asyncio.get_running_loop().time()
        # Gathered: a cancellation of the call is told apart from one of this task.
        [done] = await asyncio.gather(
            self._threads.search(None, _outcomes, batch), return_exceptions=True
        )
        outcomes = [done] * len(batch) if isinstance(done, BaseException) else done
        for search, outcome in zip(batch, outcomes, strict=True):
            search.settle(outcome)
        if sum(len(search.probes) for search in batch) >= _MANY:
            await self._gather(began)

    async def _gather(self, began: float) -> None:
        """Wait for those who ask again after a batch that began then, as long as they keep coming.

        A batch is as good as running meanwhile: the next one does not start.
        """
        now = asyncio.get_running_loop().time
        until = now() + _WAITS * (now() - began)
        waiting = -1
        while waiting < len(self._waiting) < MOST_TOGETHER and (left := until - now()) > 0:
            waiting = len(self._waiting)
            await asyncio.sleep(min(_PAUSE_SECONDS, left))


def _outcomes(batch: Sequence[_Search]) -> list[FoundFaces | BaseException]:
    """Return what each search of a batch finds, or raises: one does not fail the others."""
    try:
        return list(_found(batch))
    except Exception as error:  # noqa: BLE001 - whatever it is, those who asked are told
        if len(batch) == 1:
            return [error]
        return [outcome for search in batch for outcome in _outcomes([search])]


def _found(batch: Sequence[_Search]) -> Iterator[FoundFaces]:
    collection, k, scope = batch[0].question
    probes = np.concatenate([search.probes for search in batch])
    given = [search.places for search in batch if search.places is not None]
    places = Places.joined(given) if given else collection.scale.cohort.place(probes)
    hits = collection.search(probes, k, scope, places)
    start = 0
    for search in batch:
        rows = slice(start, start + len(search.probes))
        yield FoundFaces(Places(places.mean[rows], places.deviation[rows]), hits[rows])
        start = rows.stop
