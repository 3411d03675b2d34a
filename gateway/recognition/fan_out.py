"""Asks the other stores' shards about faces: all in parallel, under one deadline.

A shard that is down, slow or talks nonsense costs coverage, never the request. Nobody waits for a
slow one when the others' answers make it certain who came.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Any, NamedTuple, Self

from contract.deadline import Deadline
from contract.errors import ShardError
from contract.messages.by_kind import ByKind
from contract.messages.directory.status import DirectoryUse
from contract.messages.face import Candidate
from contract.messages.message import Scope
from contract.messages.recognition import Coverage
from contract.messages.shard_answers import Needed, SearchAnswer
from contract.stores.address import Address
from contract.stores.store_map import CrossStore, Store
from gateway.chain.face_vectors import FaceVectors
from gateway.chain.replicas import Replicas
from gateway.chain.shard_request import SearchParameters
from gateway.chain.shards import Shards
from gateway.directory.directory import FEW, Directory
from gateway.metrics import GatewayMetrics
from gateway.recognition.search_certainty import SearchCertainty

log = logging.getLogger(__name__)

_SCOPES: dict[CrossStore, Scope] = {"members": "members", "everyone": "everyone"}


@dataclass(frozen=True)
class FanOutResult:
    """What the asked stores know: candidates for each face, and who failed or may not be asked.

    `thresholds` are the scores that were needed for each face, where anything was searched;
    `failed` and `skipped` say why, by store; `unawaited` are the stores that were not waited for,
    `directory` says which ones were not asked since it has nobody of them who is alike.
    """

    candidates: Sequence[list[Candidate]] = ()
    thresholds: Sequence[Needed] = ()
    asked: int = 0
    failed: Mapping[str, str] = field(default_factory=dict)
    skipped: Mapping[str, str] = field(default_factory=dict)
    unawaited: Sequence[str] = ()
    directory: DirectoryUse | None = None
    seconds: float = 0.0

    @property
    def coverage(self) -> Coverage:
        """How much of the chain this answer rests on."""
        return Coverage(
            asked=self.asked,
            answered=self.asked - len(self.failed) - len(self.unawaited),
            failed=dict(self.failed),
            skipped=dict(self.skipped),
            unawaited=list(self.unawaited),
            directory=self.directory,
            complete=not self.failed,
        )

    def with_home(self, store: str, failure: str | None) -> Self:
        """Return the result with the home store among those that were asked."""
        asked = replace(self, asked=self.asked + 1)
        return asked.with_failure(store, failure) if failure else asked

    def with_failure(self, store: str, reason: str) -> Self:
        """Return the result with `store` among those that failed."""
        return replace(self, failed={**self.failed, store: reason})


class _Question(NamedTuple):
    """What stores have to have in common to be asked in one request."""

    shards: tuple[Address, ...]
    model: str | None
    scope: Scope
    rates: ByKind[float]

    def of(self, options: "FanOutOptions") -> SearchParameters:
        """Return what is asked."""
        return SearchParameters(options.k, self.scope, self.rates, options.templates)


class _StoreAnswer(NamedTuple):
    """What one store has answered, batch by batch, before it failed if it did."""

    store: str
    answers: list[SearchAnswer]
    failure: str | None


@dataclass(frozen=True)
class FanOutOptions:
    """How stores are searched: `k` candidates for each face, and at which rates.

    `rates` says which share of strangers may pass for a member, and for a visitor, among
    `templates` in all stores. A search for the `best_alone` asks the stores that the directory
    names. One that `ends_early` waits for nobody once it is certain who every face is. Without
    them it is for those who want to know everybody who is alike.
    """

    k: int
    rates: Callable[[Store], ByKind[float]]
    templates: int
    best_alone: bool = False
    ends_early: bool = False


class FanOut:
    """Searches faces in many stores, each by the model that it serves where there is a choice."""

    def __init__(
        self,
        shards: Shards,
        replicas: Replicas,
        metrics: GatewayMetrics,
        seconds: float,
        directory: Directory | None = None,
    ) -> None:
        self._shards = shards
        self._replicas = replicas
        self._metrics = metrics
        self._seconds = seconds
        self._directory = directory
        self._unawaited: set[asyncio.Task[list[_StoreAnswer]]] = set()

    async def search(
        self,
        stores: Iterable[Store],
        vectors: FaceVectors,
        options: FanOutOptions,
        deadline: Deadline,
    ) -> FanOutResult:
        """Return the best candidates of each of `stores` for each face, as far as they answer.

        All faces travel in one request to each shard process, or in as few as it takes.
        """
        started = time.perf_counter()
        stores, limit = list(stores), Deadline(min(self._seconds, deadline.left))
        directory = await self._choose(stores, vectors, options, limit)
        unneeded = set(directory.skipped) if directory else set()
        skipped, with_visitors = {}, set()
        questions: dict[_Question, list[Store]] = {}
        for store in (each for each in stores if each.id not in unneeded):
            if scope := _SCOPES.get(store.cross_store):
                question = _Question(
                    store.shards, self._replicas.model_of(store), scope, options.rates(store)
                )
                questions.setdefault(question, []).append(store)
                if scope == "everyone":
                    with_visitors.add(store.id)
            else:
                skipped[store.id] = f"cross_store: {store.cross_store}"
        searches = [
            self._search(asked, vectors.of_model(question.model), question.of(options), limit)
            for question, asked in questions.items()
        ]
        asked_stores = {store.id for asked in questions.values() for store in asked}
        if options.ends_early:
            answered = await self._until_certain(searches, vectors.count, with_visitors)
        else:
            answered = list(chain.from_iterable(await asyncio.gather(*searches)))
        seconds = time.perf_counter() - started
        candidates, thresholds = _merged(vectors.count, answered)
        failed = {answer.store: answer.failure for answer in answered if answer.failure is not None}
        unawaited = sorted(asked_stores - {answer.store for answer in answered})
        found = FanOutResult(
            candidates,
            thresholds,
            len(asked_stores),
            failed,
            skipped,
            unawaited,
            directory,
            seconds,
        )
        self._metrics.fanned_out(found.coverage, seconds)
        return found

    async def _choose(
        self,
        stores: Sequence[Store],
        vectors: FaceVectors,
        options: FanOutOptions,
        deadline: Deadline,
    ) -> DirectoryUse | None:
        """Return which stores the directory says need not be asked, where it may be used."""
        if self._directory is None or not options.best_alone:
            return None
        return await self._directory.choose(stores, vectors, FEW + options.k - 1, deadline)

    async def _until_certain(
        self,
        searches: Iterable[Coroutine[Any, Any, list[_StoreAnswer]]],
        faces: int,
        with_visitors: AbstractSet[str],
    ) -> list[_StoreAnswer]:
        """Return the answers that there are when it is certain who all `faces` are, or else all.

        The stores `with_visitors` are waited for in any case: their cameras' own pictures of a
        member may be more like the face than those that the member is enrolled with.

        What is not waited for goes on until its deadline, and its connections can be used again.
        """
        tasks = [asyncio.create_task(search) for search in searches]
        certainty, answered, awaited = SearchCertainty(faces), [], set(with_visitors)
        try:
            for next_answer in asyncio.as_completed(tasks):
                for answer in await next_answer:
                    answered.append(answer)
                    awaited.discard(answer.store)
                    certainty.note(answer.answers)
                if certainty.is_reached and not awaited:
                    break
        except BaseException:  # cancelled, too: nobody wants the answers any more
            for task in tasks:
                task.cancel()
            raise
        for task in tasks:
            if not task.done():
                self._unawaited.add(task)
                task.add_done_callback(self._end_unawaited)
        return answered

    def _end_unawaited(self, task: asyncio.Task[list[_StoreAnswer]]) -> None:
        self._unawaited.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("a search that nobody waited for has failed", exc_info=error)

    async def _search(
        self,
        stores: Sequence[Store],
        vectors: FaceVectors,
        parameters: SearchParameters,
        limit: Deadline,
    ) -> list[_StoreAnswer]:
        """Ask the stores of one process, batch by batch: what is answered before one fails counts.

        A process of one store is asked as those of former releases are.
        """
        answers: dict[str, list[SearchAnswer]] = {store.id: [] for store in stores}
        failures: dict[str, str] = {}
        for batch in vectors.batches():
            asked = [store for store in stores if store.id not in failures]
            for store, answer in (await self._ask(asked, batch, parameters, limit)).items():
                if isinstance(answer, ShardError):
                    failures[store] = answer.reason
                else:
                    answers[store].append(answer)
        return [_StoreAnswer(store, given, failures.get(store)) for store, given in answers.items()]

    async def _ask(
        self,
        stores: Sequence[Store],
        batch: FaceVectors,
        parameters: SearchParameters,
        limit: Deadline,
    ) -> Mapping[str, SearchAnswer | ShardError]:
        if len(stores) > 1:
            return await self._shards.search_together(stores, batch, parameters, limit)
        found: dict[str, SearchAnswer | ShardError] = {}
        for store in stores:
            try:
                found[store.id] = await self._shards.search(store, batch, parameters, limit)
            except ShardError as error:
                found[store.id] = error
        return found


def _merged(
    count: int, answered: Iterable[_StoreAnswer]
) -> tuple[list[list[Candidate]], list[Needed]]:
    """Return for each of `count` faces all stores' candidates, and the strictest thresholds."""
    candidates: list[list[Candidate]] = [[] for _ in range(count)]
    thresholds: list[Needed] = [Needed(None, None)] * count
    for _, answers, _ in answered:
        results = (result for answer in answers for result in answer.results)
        for known, result in zip(candidates, results, strict=False):
            known.extend(result)
        needed = (scores for answer in answers for scores in answer.needed)
        for number, scores in enumerate(needed):
            thresholds[number] = Needed(*map(_stricter, thresholds[number], scores))
    return candidates, thresholds


def _stricter(one: float | None, other: float | None) -> float | None:
    return max((score for score in (one, other) if score is not None), default=None)
