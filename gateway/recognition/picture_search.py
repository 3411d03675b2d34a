"""Who is this, in any store? For people who ask, not for cameras: nothing is minted."""

from contract.deadline import Deadline
from contract.messages.recognition import SearchedFace, SearchPictureAnswer
from contract.stores.detection import Detection
from contract.stores.store_map import StoreMap
from gateway.chain.missed_faces import Missed
from gateway.chain.shard_request import Picture
from gateway.recognition.false_rates import Strictness
from gateway.recognition.fan_out import FanOut, FanOutResult, Terms
from gateway.recognition.identity import ranked
from gateway.recognition.stand_in import StandIn
from service import request_id


class PictureSearch:
    """Searches every face of a picture in every store that lets others search."""

    def __init__(self, strictness: Strictness, stand_in: StandIn, fan_out: FanOut) -> None:
        self._strictness = strictness
        self._stand_in = stand_in
        self._fan_out = fan_out

    async def search(
        self, stores: StoreMap, picture: Picture, k: int, deadline: Deadline
    ) -> SearchPictureAnswer:
        """Return for each face the best `k` candidates of all stores.

        The match is the best one that passes the threshold of its own store.
        """
        everywhere = list(stores.stores.values())
        answer = await self._stand_in.encode(everywhere, picture, Detection(), deadline)
        found = FanOutResult()
        if answer.faces:
            vectors = Missed.of(answer.faces, answer.model, answer.cohort)
            templates = self._strictness.searchable(everywhere)
            terms = Terms(k, lambda store: store.threshold, templates)
            found = await self._fan_out.search(everywhere, vectors, terms, deadline)
        best = [ranked(candidates)[:k] for candidates in found.candidates]
        return SearchPictureAnswer(
            faces=[
                SearchedFace(
                    box=face.box,
                    match=next((candidate for candidate in known if candidate.passes), None),
                    candidates=known,
                )
                for face, known in zip(answer.faces, best, strict=True)
            ],
            coverage=found.coverage,
            request_id=request_id.current.get(),
        )
