"""Minting FaceIds from sightings: for somebody whose visit was taken for another person's."""

import logging
from collections.abc import Sequence

import numpy as np

from contract.deadline import Deadline
from contract.errors import ShardError
from contract.messages.shard_updates import EraseConfirmation, EraseOrder
from contract.stores.store_map import Store, StoreMap
from contract.vectors import from_text, pack
from gateway.chain.face_vectors import FaceVectors
from gateway.chain.replica_address import ReplicaAddress
from gateway.chain.shard_request import ShardRequest
from gateway.chain.shards import Shards
from gateway.record.people.face_pair import FacePair

log = logging.getLogger(__name__)

_SECONDS = 2.0


class SightingMinting:
    """Mints FaceIds in the store of a visit, whose shard still has the vectors of its frames."""

    def __init__(self, shards: Shards) -> None:
        self._shards = shards

    async def mint(
        self,
        stores: StoreMap,
        store: str,
        sightings: Sequence[str],
        other: FacePair,
        deadline: Deadline,
    ) -> FacePair | None:
        """Mint a FaceId of `store` from sightings, as a person distinct from `other`.

        Return None when no shard of the store has the vectors any more. Raises ShardError.
        """
        home = stores.stores.get(store)
        if home is None or not sightings:
            return None
        seen = await self._vectors(home, sightings)
        if seen is None:
            return None
        apart = other[1] if other[0] == store else None
        record = await self._shards.mint_apart(home, seen, apart, deadline)
        return store, record.face_id

    async def take_back(self, stores: StoreMap, face: FacePair) -> None:
        """Erase a minted FaceId that could not be stored in the record."""
        request = ShardRequest("POST", "/erase", EraseOrder(face_ids=[face[1]]))
        try:
            await self._shards.write(stores.store(face[0]), request, EraseConfirmation)
        except ShardError as error:
            log.warning("%s of %s, whom nobody knows, stays: %s", face[1], face[0], error.reason)

    async def _vectors(self, home: Store, sightings: Sequence[str]) -> FaceVectors | None:
        """Return the vectors of the sightings, from whichever replicas have them."""
        vectors, model, second_model = dict[str, str | None](), "", None
        for address in home.shards:
            try:
                found = await self._shards.sightings(
                    ReplicaAddress(address, home.id), sightings, Deadline(_SECONDS)
                )
            except ShardError as error:
                log.info("%s cannot say whom it has seen: %s", address, error.reason)
                continue
            seconds = found.second_vectors or [None] * len(found.vectors)
            vectors |= zip(found.vectors, seconds, strict=False)
            model, second_model = found.model, found.second_model
        if not vectors:
            return None
        rows = np.stack([from_text(text) for text in vectors])
        seen = FaceVectors(pack(rows), [1] * len(rows), model)
        return seen.with_second(list(vectors.values()), second_model)
