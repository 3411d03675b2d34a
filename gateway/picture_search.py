"""Who is this, in any store? For people who ask, not for cameras: nothing is minted."""

from contract import request_id
from contract.deadline import Deadline
from contract.messages import Candidate, SearchedFace, SearchPictureAnswer
from contract.store_map import StoreMap
from gateway.fan_out import FanOut, Found
from gateway.identity import ranked
from gateway.missed import Missed
from gateway.shard_client import Picture
from gateway.stand_in import StandIn


class PictureSearch:
    """Searches every face of a picture in every store that lets others search."""

    def __init__(self, stand_in: StandIn, fan_out: FanOut) -> None:
        self._stand_in = stand_in
        self._fan_out = fan_out

    async def search(
        self, stores: StoreMap, picture: Picture, k: int, deadline: Deadline
    ) -> SearchPictureAnswer:
        """Return for each face the best `k` candidates of all stores.

        The match is the best one that passes the threshold of its own store.
        """
        everywhere = list(stores.stores.values())
        answer = await self._stand_in.encode(everywhere, picture, deadline)
        found = Found([])
        if answer.faces:
            vectors = Missed.of([face.vector for face in answer.faces], answer.model)
            found = await self._fan_out.search(everywhere, vectors, k, deadline)
        best = [ranked(candidates)[:k] for candidates in found.candidates]
        return SearchPictureAnswer(
            faces=[
                SearchedFace(box=face.box, match=_match(stores, known), candidates=known)
                for face, known in zip(answer.faces, best, strict=True)
            ],
            coverage=found.coverage,
            request_id=request_id.current.get(),
        )


def _match(stores: StoreMap, candidates: list[Candidate]) -> Candidate | None:
    passing = (c for c in candidates if c.distance <= stores.store(c.store).max_distance)
    return next(passing, None)
