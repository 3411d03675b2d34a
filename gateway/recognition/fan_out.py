"""Asks the other stores' shards about missed faces: all in parallel, under one deadline.

A shard that is down, slow or talks nonsense costs coverage, never the request.
"""

import asyncio
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from contract.deadline import Deadline
from contract.errors import ShardError
from contract.messages.face import Candidate
from contract.messages.message import Scope
from contract.messages.recognition import Coverage
from contract.messages.shard_answers import SearchAnswer
from contract.stores.store_map import CrossStore, Store
from gateway.chain.missed_faces import Missed
from gateway.chain.shard_request import SearchQuery
from gateway.chain.shards import Shards
from gateway.metrics import Metrics

_SCOPES: dict[CrossStore, Scope] = {"members": "members", "everyone": "everyone"}


@dataclass
class Found:
    """What the asked stores know: candidates for each face, and who failed or may not be asked.

    `thresholds` are the scores that were needed, where anything was searched.
    """

    candidates: list[list[Candidate]]
    thresholds: list[float | None] = field(default_factory=list)
    asked: int = 0
    failed: dict[str, str] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0

    def add(self, first: int, answer: SearchAnswer) -> None:
        """Take in what a store has answered about the faces from number `first` on."""
        for number, result in enumerate(answer.results, first):
            self.candidates[number].extend(result)
        for number, needed in enumerate(answer.thresholds, first):
            self.thresholds[number] = _stricter(self.thresholds[number], needed)

    @property
    def coverage(self) -> Coverage:
        """How much of the chain this answer rests on."""
        return Coverage(
            asked=self.asked,
            answered=self.asked - len(self.failed),
            failed=self.failed,
            skipped=self.skipped,
            complete=not self.failed,
        )


@dataclass(frozen=True)
class Terms:
    """On what terms stores are searched: `k` candidates of each, and how strictly.

    `rate` says which share of strangers may pass for somebody, among `templates` in all stores.
    """

    k: int
    rate: Callable[[Store], float]
    templates: int


class FanOut:
    """Searches missed faces in many stores."""

    def __init__(self, shards: Shards, metrics: Metrics, seconds: float) -> None:
        self._shards = shards
        self._metrics = metrics
        self._seconds = seconds

    async def search(
        self, stores: Iterable[Store], missed: Missed, terms: Terms, deadline: Deadline
    ) -> Found:
        """Return the best candidates of each of `stores` for each face, as far as they answer.

        All faces travel in one request to each store, or in as few as it takes.
        """
        found = Found([[] for _ in range(missed.count)], [None] * missed.count)
        limit = Deadline(min(self._seconds, deadline.left))
        searches = []
        for store in stores:
            if scope := _SCOPES.get(store.cross_store):
                query = SearchQuery(terms.k, scope, terms.rate(store), terms.templates)
                searches.append(self._search(store, missed, found, query, limit))
            else:
                found.skipped[store.id] = f"cross_store: {store.cross_store}"
        found.asked = len(searches)
        started = time.perf_counter()
        await asyncio.gather(*searches)
        found.seconds = time.perf_counter() - started
        self._metrics.fanned_out(found.coverage, found.seconds)
        return found

    async def _search(
        self, store: Store, missed: Missed, found: Found, query: SearchQuery, limit: Deadline
    ) -> None:
        """Ask one store, piece by piece: what it has answered before it fails counts."""
        first = 0
        try:
            for piece in missed.pieces:
                found.add(first, await self._shards.search(store, piece, query, limit))
                first += piece.count
        except ShardError as error:
            found.failed[store.id] = error.reason


def _stricter(one: float | None, other: float | None) -> float | None:
    return max((score for score in (one, other) if score is not None), default=None)
