"""Reconciling provisional FaceIds, minted while a store could not be asked.

They are searched once more when all stores answer.

The shard hands out its provisional vectors, they are searched in the other stores as a camera's
would be, and nothing of them is kept here.
"""

import logging
from collections import defaultdict
from collections.abc import Callable, Sequence

import numpy as np

from contract.deadline import Deadline
from contract.messages.face import Candidate
from contract.messages.faces import FaceRecord
from contract.messages.shard_updates import ProvisionalFace, ProvisionalFaces
from contract.stores.store_map import Store, StoreMap
from contract.vectors import from_text, pack
from gateway.audit.tell import Tell
from gateway.chain.face_vectors import FaceVectors
from gateway.chain.replicas import Replicas
from gateway.chain.shard_request import ShardRequest, face_path
from gateway.chain.shards import Shards
from gateway.clock.clock import Clock, now
from gateway.periodic import for_each
from gateway.recognition.false_rates import FalseRates
from gateway.recognition.fan_out import FanOut, FanOutOptions
from gateway.recognition.identity import ranked
from gateway.record.database import Database
from gateway.record.people.reconciliation import confirm_provisional, reconcile_provisional
from gateway.shard_updates.shard_updates import ShardUpdates

log = logging.getLogger(__name__)

_AT_ONCE = 50
_CANDIDATES = 3
_SECONDS = 5.0


class Reconciliation:
    """Merges provisional FaceIds into those of other stores, or makes them permanent."""

    def __init__(
        self,
        database: Database,
        shards: Shards,
        updates: ShardUpdates,
        *,
        fan_out: FanOut,
        replicas: Replicas,
        current: Callable[[], StoreMap],
        tell: Tell,
        clock: Clock = now,
    ) -> None:
        self._database = database
        self._shards = shards
        self._updates = updates
        self._fan_out = fan_out
        self._replicas = replicas
        self._false_rates = FalseRates(replicas)
        self._current = current
        self._tell = tell
        self._clock = clock

    async def step(self) -> None:
        """Reconcile what can be reconciled now."""
        stores = list(self._current().stores.values())

        async def reconcile_of(store: Store) -> None:
            home = self._replicas.writer(store).status
            if home is None or home.counts.provisional == 0:
                return
            others = [other for other in stores if other.id != store.id]
            if all(self._can_be_asked(other, home.model) for other in others):
                await self._reconcile(store, others)

        await for_each(stores, reconcile_of, "provisional FaceIds cannot be reconciled")

    def _can_be_asked(self, store: Store, model: str | None) -> bool:
        """Say whether a store can search vectors of the model, or is not to be asked at all."""
        if store.cross_store == "nobody":
            return True
        knows = any(
            replica.healthy and (replica.status is None or model in replica.status.models)
            for replica in self._replicas.of(store)
        )
        return knows and store.id not in self._shards.stale_stores

    async def _reconcile(self, store: Store, others: Sequence[Store]) -> None:
        request = ShardRequest("GET", "/provisional", query={"limit": _AT_ONCE})
        listed = await self._shards.write(store, request, ProvisionalFaces)
        if not listed.faces:
            return
        found = await self._search(store, others, listed)
        if found is None:
            return
        for face in listed.faces:
            await self._reconcile_face(store, face, found[face.face_id])

    async def _search(
        self, store: Store, others: Sequence[Store], listed: ProvisionalFaces
    ) -> dict[str, list[Candidate]] | None:
        """Return who each FaceId may be, best first; None when not every store has answered."""
        owners = [face.face_id for face in listed.faces for _ in face.vectors]
        rows = [from_text(text) for face in listed.faces for text in face.vectors]
        vectors = FaceVectors(pack(np.stack(rows)), [1] * len(rows), listed.model)
        rates = self._false_rates.split(store, others)
        options = FanOutOptions(_CANDIDATES, lambda other: rates.others, rates.templates)
        found = await self._fan_out.search(others, vectors, options, Deadline(_SECONDS))
        if found.failed:
            return None
        candidates: defaultdict[str, list[Candidate]] = defaultdict(list)
        for owner, hits in zip(owners, found.candidates, strict=True):
            candidates[owner] += [hit for hit in hits if hit.passes]
        return {face.face_id: ranked(candidates[face.face_id]) for face in listed.faces}

    async def _reconcile_face(
        self, store: Store, face: ProvisionalFace, candidates: Sequence[Candidate]
    ) -> None:
        own = (store.id, face.face_id)
        for candidate in candidates:
            known = (candidate.store, candidate.face_id)
            if await self._database.write(None, reconcile_provisional, own, known, self._clock()):
                await self._tell("face.reconcile", own, known, store=store.id)
                await self._updates.deliver([store.id])
                return
        path = f"{face_path(face.face_id)}/confirm"
        await self._shards.write(store, ShardRequest("POST", path), FaceRecord)
        await self._database.write(None, confirm_provisional, own, self._clock())
        await self._tell("face.confirm", own, store=store.id)
