"""FaceIds for strangers, over HTTP: for their vectors, which the gateway sends."""

from typing import Annotated

from fastapi import Query, Request

from contract.messages.faces import FaceRecord
from contract.messages.shard_answers import MintAnswer, MintedFace
from contract.text.identifiers import FACE_ID
from service.http.examples import example_of
from service.http.routes import Routes
from shard.api import examples
from shard.api.parameters import MintQuery, frames_of, rates_of
from shard.api.picture_upload import VECTORS_BODY, read_vectors
from shard.api.request_deadline import RequestDeadline
from shard.gallery.change import StoredFace
from shard.index.hit import Hit
from shard.service import Service


def minting_routes(service: Service) -> Routes:
    """Return the routes that mint FaceIds."""
    router = Routes(tags=["faces"])

    @router.post("/faces/mint", openapi_extra=VECTORS_BODY, responses=example_of(examples.MINTED))
    async def mint_faces(
        request: Request,
        deadline: RequestDeadline,
        query: Annotated[MintQuery, Query()],
    ) -> MintAnswer:
        """A new FaceId for each stranger, or the one that the same person has by now."""
        service.check_writable()
        collection = service.complete_collection()
        vectors = await read_vectors(request, service.encoder.model, service.encoder.dimension)
        rates = rates_of(service.store, query.rate, query.visitor_rate)
        faces = [
            _minted(
                *await service.threads.record(
                    deadline, collection.mint, vector, rates, fused, query.provisional
                )
            )
            for vector, fused in zip(vectors, frames_of(query.frames, len(vectors)), strict=True)
        ]
        return MintAnswer(store=service.store.id, faces=faces)

    @router.post(
        "/faces/apart",
        status_code=201,
        openapi_extra=VECTORS_BODY,
        responses=example_of(examples.FACE, 201),
    )
    async def mint_apart(
        request: Request,
        deadline: RequestDeadline,
        other: Annotated[
            str | None, Query(description="the FaceId of this store that it is not")
        ] = None,
    ) -> FaceRecord:
        """A new FaceId for one person's vectors, who is not another one, whoever is like them."""
        service.check_writable()
        collection = service.complete_collection()
        vectors = await read_vectors(request, service.encoder.model, service.encoder.dimension)
        name = None if other is None else FACE_ID.known(other)
        return await service.threads.record(deadline, collection.mint_distinct, vectors, name)

    return router


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
