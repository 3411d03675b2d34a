"""Faces that were just seen, and FaceIds for those who are not whom they were taken for."""

from typing import Annotated

from fastapi import APIRouter, Query, Request

from contract.messages.faces import FaceRecord
from contract.messages.shard_updates import MOST_SIGHTINGS, SightedVectors
from contract.text.identifiers import FACE_ID
from contract.vectors import to_text
from service.http.problems import RESPONSES
from shard.api import examples
from shard.api.picture_upload import VECTORS_BODY, read_vectors
from shard.api.request_deadline import RequestDeadline
from shard.service import Service


def sightings_routes(service: Service) -> APIRouter:
    """Return the routes for the gateway alone."""
    router = APIRouter(tags=["upkeep"], responses=RESPONSES)

    @router.get("/sightings", responses=examples.answer(examples.SIGHTINGS))
    async def list_sightings(
        name: Annotated[list[str], Query(max_length=MOST_SIGHTINGS, description="as answered")],
    ) -> SightedVectors:
        """The vectors of faces that this process has just seen, as far as they are still here."""
        vectors = [to_text(vector) for vector in service.sightings.of(name)]
        return SightedVectors(store=service.store.id, model=service.encoder.model, vectors=vectors)

    @router.post(
        "/faces/apart",
        status_code=201,
        openapi_extra=VECTORS_BODY,
        responses=examples.answer(examples.FACE, 201),
    )
    async def mint_distinct(
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
