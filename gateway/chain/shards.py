"""The shards of all stores: what they can be asked, without saying which replica is to answer."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

from contract.deadline import Deadline
from contract.errors import ShardError, ShardRefused
from contract.messages.by_kind import ByKind
from contract.messages.cluster import ShardStatus
from contract.messages.faces import FaceRecord
from contract.messages.lesson import LearnAnswer
from contract.messages.message import Message
from contract.messages.shard_answers import (
    EncodeAnswer,
    JointSearchAnswer,
    MintAnswer,
    SearchAnswer,
    ShardAnswer,
)
from contract.messages.shard_updates import (
    MOST_ASKED,
    AskedFaces,
    FaceNames,
    SightedVectors,
)
from contract.stores.detection import Detection
from contract.stores.store_map import Store
from gateway.chain.face_vectors import FaceVectors
from gateway.chain.replica_address import ReplicaAddress
from gateway.chain.routing import Router
from gateway.chain.shard_client import ShardClient
from gateway.chain.shard_request import (
    Picture,
    RecognizeParameters,
    SearchParameters,
    ShardRequest,
    face_path,
    rates_query,
)
from gateway.chain.stale_stores import StaleStores

_M = TypeVar("_M", bound=Message)

_SECONDS = 5.0
"""How long a write may take that no request waits for."""


class Shards:
    """Sends requests to a replica that fits, and to another one where that helps.

    Everything that waits for an answer raises ShardError: ShardUnavailable where there is nobody to
    ask, ShardTimeout at the deadline, ShardRefused with the shard's own code, ShardNonsense.
    """

    def __init__(self, router: Router, client: ShardClient) -> None:
        self._router = router
        self._client = client

    @property
    def stale_stores(self) -> StaleStores:
        """The stores that are not asked who somebody is before their shards have been updated."""
        return self._router.stale_stores

    async def recognize(
        self, store: Store, picture: Picture, parameters: RecognizeParameters, deadline: Deadline
    ) -> ShardAnswer:
        """Have a picture's home store recognize its faces; one replica sees a track's frames."""
        track = parameters.track
        return await self._router.recognize(
            store,
            lambda place: self._client.recognize(place, picture, parameters, deadline),
            affinity=None if track is None else f"{parameters.camera or ''}/{track}",
        )

    async def search(
        self, store: Store, vectors: FaceVectors, parameters: SearchParameters, deadline: Deadline
    ) -> SearchAnswer:
        """Search vectors in a store, in a replica whose index is complete."""
        return await self._router.recognize(
            store,
            lambda place: self._client.search(place, vectors, parameters, deadline),
        )

    async def search_together(
        self,
        stores: Sequence[Store],
        vectors: FaceVectors,
        parameters: SearchParameters,
        deadline: Deadline,
    ) -> Mapping[str, SearchAnswer | ShardError]:
        """Search vectors in several stores of one process, in one request.

        Return by the stores' names what they answer, or why they do not; where nobody matters for
        who it is, the answer has no candidates and no thresholds.
        """

        async def search(
            place: ReplicaAddress, names: Sequence[str]
        ) -> Mapping[str, SearchAnswer | ShardError]:
            answer = await self._client.search_together(place, names, vectors, parameters, deadline)
            return _by_store(answer, vectors)

        return await self._router.recognize_together(stores, search)

    async def encode(
        self, stores: Iterable[Store], picture: Picture, detection: Detection, deadline: Deadline
    ) -> EncodeAnswer:
        """Have any shard of `stores` find and encode the faces of a picture."""
        return await self._router.anywhere(
            stores, lambda place: self._client.encode(place, picture, detection, deadline)
        )

    async def mint(
        self,
        store: Store,
        vectors: FaceVectors,
        *,
        provisional: bool,
        rates: ByKind[float],
        deadline: Deadline,
    ) -> MintAnswer:
        """Give strangers FaceIds of `store`, unless it knows them at `rates` after all."""
        return await self._router.write(
            store,
            lambda place: self._client.mint(
                place, vectors, provisional=provisional, rates=rates, deadline=deadline
            ),
        )

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
        """Teach a FaceId of `store` one vector of a visit."""
        lesson = {"visit": visit, "quality": quality, "learning": store.learning}
        return await self._router.write(
            store,
            lambda place: self._client.learn(
                place, face_id, vectors, {**lesson, **rates_query(store.rates)}, deadline
            ),
        )

    async def mint_apart(
        self, store: Store, vectors: FaceVectors, other: str | None, deadline: Deadline
    ) -> FaceRecord:
        """Give one person's vectors a new FaceId of `store`, who is not `other`."""
        return await self._router.write(
            store, lambda place: self._client.mint_apart(place, vectors, other, deadline)
        )

    async def face(self, store: Store, face_id: str, deadline: Deadline) -> FaceRecord:
        """Read one FaceId. Raises UnknownFace as a ShardRefused."""
        return await self.read(store, ShardRequest("GET", face_path(face_id)), FaceRecord, deadline)

    async def known_faces(
        self, store: Store, face_ids: Iterable[str], deadline: Deadline
    ) -> set[str]:
        """Return those of the FaceIds that `store` has."""
        asked, known = list(face_ids), set[str]()
        for start in range(0, len(asked), MOST_ASKED):
            some = AskedFaces(face_ids=asked[start : start + MOST_ASKED])
            request = ShardRequest("POST", "/known-faces", some)
            known |= set((await self.read(store, request, FaceNames, deadline)).face_ids)
        return known

    async def read(
        self, store: Store, request: ShardRequest, answer: type[_M], deadline: Deadline
    ) -> _M:
        """Send a request to any replica of `store` that answers; it needs no index."""
        return await self._router.read(
            store, lambda place: self._client.send(place, request, answer, deadline)
        )

    async def write(
        self,
        store: Store,
        request: ShardRequest,
        answer: type[_M],
        deadline: Deadline | None = None,
    ) -> _M:
        """Send a request to the one replica that writes for `store`; by default for 5 seconds."""
        limit = deadline or Deadline(_SECONDS)
        return await self._router.write(
            store, lambda place: self._client.send(place, request, answer, limit)
        )

    async def anywhere(
        self, stores: Iterable[Store], request: ShardRequest, answer: type[_M], deadline: Deadline
    ) -> _M:
        """Send a request to whichever healthy shard of `stores` has least to do."""
        return await self._router.anywhere(
            stores, lambda place: self._client.send(place, request, answer, deadline)
        )

    async def sightings(
        self, place: ReplicaAddress, names: Sequence[str], deadline: Deadline
    ) -> SightedVectors:
        """Ask one replica for the vectors of faces that it has just seen."""
        return await self._client.sightings(place, names, deadline)

    async def status(self, place: ReplicaAddress, deadline: Deadline) -> ShardStatus:
        """Ask one replica how it is."""
        return await self._client.status(place, deadline)

    def may_write(self, store: Store) -> bool:
        """Say whether the replica that writes for `store` is thought to answer."""
        return self._router.may_write(store)


def _by_store(
    answer: JointSearchAnswer, vectors: FaceVectors
) -> Mapping[str, SearchAnswer | ShardError]:
    """Return what each store says in an answer."""
    nobody: list[None] = [None] * vectors.count
    said: dict[str, SearchAnswer | ShardError] = {
        store: SearchAnswer(
            store=store,
            model=vectors.model,
            results=[[] for _ in nobody],
            thresholds=nobody,
        )
        for store in answer.others
    }
    said |= {found.store: found for found in answer.answers}
    said |= {
        store: ShardRefused(503, code, "The store could not be searched", "")
        for store, code in answer.failed.items()
    }
    return said
