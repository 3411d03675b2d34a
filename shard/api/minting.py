"""FaceIds for strangers, over HTTP: for their vectors, which the gateway sends."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import Query, Request

from contract.messages.faces import FaceRecord
from contract.messages.shard_answers import MintAnswer, MintedFace
from contract.text.identifiers import FACE_ID
from service.http.examples import example_of
from service.http.routes import Routes
from shard.api import examples
from shard.api.chosen_store import ChosenService
from shard.api.parameters import MintQuery, frames_of, rates_of
from shard.api.picture_upload import VECTORS_BODY, SentVectors, read_vector_pairs
from shard.api.request_deadline import RequestDeadline
from shard.gallery.change import StoredFace
from shard.gallery.template_rows import MINTED_QUALITY, NewTemplate, SecondVector
from shard.index.hit import Hit
from shard.service import Service


def minting_routes() -> Routes:
    """Return the routes that mint FaceIds."""
    router = Routes(tags=["faces"])

    @router.post("/faces/mint", openapi_extra=VECTORS_BODY, responses=example_of(examples.MINTED))
    async def mint_faces(
        service: ChosenService,
        request: Request,
        deadline: RequestDeadline,
        query: Annotated[MintQuery, Query()],
    ) -> MintAnswer:
        """A new FaceId for each stranger, or the one that the same person has by now.

        Vectors of the second model alone are those of visits from before it was exchanged.
        """
        service.check_writable()
        collection = service.complete_collection()
        sent = await read_vector_pairs(request, service.models)
        rates = rates_of(service.store, query.rate, query.visitor_rate)
        faces = [
            _minted(
                *await service.threads.record(
                    deadline, collection.mint, template, rates, query.provisional
                )
            )
            for template in _templates(service, sent, query.frames)
        ]
        return MintAnswer(store=service.store.id, faces=faces)

    @router.post(
        "/faces/apart",
        status_code=201,
        openapi_extra=VECTORS_BODY,
        responses=example_of(examples.FACE, 201),
    )
    async def mint_apart(
        service: ChosenService,
        request: Request,
        deadline: RequestDeadline,
        other: Annotated[
            str | None, Query(description="the FaceId of this store that it is not")
        ] = None,
    ) -> FaceRecord:
        """A new FaceId for one person's vectors, who is not another one, whoever is like them."""
        service.check_writable()
        collection = service.complete_collection()
        sent = await read_vector_pairs(request, service.models)
        name = None if other is None else FACE_ID.known(other)
        templates = _templates(service, sent)
        return await service.threads.record(deadline, collection.mint_distinct, templates, name)

    return router


def _templates(service: Service, sent: SentVectors, frames: str = "") -> list[NewTemplate]:
    """Return what is to be stored of each face."""
    each = zip(
        sent.vectors,
        frames_of(frames, len(sent.vectors)),
        _second_vectors(service, sent),
        strict=True,
    )
    return [
        NewTemplate(vector, sent.model, MINTED_QUALITY, frames=fused, second=second)
        for vector, fused, second in each
    ]


def _second_vectors(service: Service, sent: SentVectors) -> Sequence[SecondVector | None]:
    """Return what the second model makes of each face; None where nothing of it came along."""
    second = service.encoder.second
    if second is None or sent.second is None:
        return [None] * len(sent.vectors)
    return [SecondVector(vector, second.model) for vector in sent.second]


def _minted(face: StoredFace, known: Hit | None) -> MintedFace:
    return MintedFace(
        face_id=face.face_id,
        minted=known is None,
        kind=face.kind,
        provisional=face.provisional,
        score=known.score if known else None,
        distance=known.distance if known else None,
        member=face.member,
    )
