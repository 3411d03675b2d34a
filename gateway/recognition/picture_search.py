"""Who is this, in any store? For people who ask, not for cameras: nothing is minted."""

from contract.deadline import Deadline
from contract.messages.recognition import SearchedFace, SearchPictureAnswer
from contract.stores.detection import Detection
from contract.stores.store_map import StoreMap
from gateway.audit.request_notes import note_details, note_faces
from gateway.chain.face_vectors import FaceVectors
from gateway.chain.shard_request import Picture
from gateway.recognition.false_rates import FalseRates
from gateway.recognition.fan_out import FanOut, FanOutOptions, FanOutResult
from gateway.recognition.identity import ranked
from gateway.recognition.picture_encoder import PictureEncoder
from service import request_id


class PictureSearch:
    """Searches every face of a picture in every store that lets others search."""

    def __init__(self, false_rates: FalseRates, encoder: PictureEncoder, fan_out: FanOut) -> None:
        self._false_rates = false_rates
        self._encoder = encoder
        self._fan_out = fan_out

    async def search(
        self, stores: StoreMap, picture: Picture, k: int, deadline: Deadline
    ) -> SearchPictureAnswer:
        """Return for each face the best `k` candidates of all stores.

        The match is the best one that passes the threshold of its own store and kind.
        """
        everywhere = list(stores.stores.values())
        answer = await self._encoder.encode(everywhere, picture, Detection(), deadline)
        found = FanOutResult()
        if answer.faces:
            vectors = FaceVectors.of(answer.faces, answer)
            models = {answer.model, answer.second_model or answer.model}
            templates = self._false_rates.searchable_faces(everywhere, models)
            options = FanOutOptions(k, lambda store: store.rates, templates)
            found = await self._fan_out.search(everywhere, vectors, options, deadline)
        best = [ranked(candidates)[:k] for candidates in found.candidates]
        note_details(faces=len(answer.faces))
        note_faces(*((hit.store, hit.face_id) for known in best for hit in known))
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
