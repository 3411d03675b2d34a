"""The vectors of faces that were just seen."""

from typing import Annotated

from fastapi import Query

from contract.messages.shard_updates import MOST_SIGHTINGS, SightedVectors
from contract.vectors import to_text
from service.http.examples import example_of
from service.http.routes import Routes
from shard.api import examples
from shard.service import Service


def sightings_routes(service: Service) -> Routes:
    """Return the route, which is for the gateway alone."""
    router = Routes(tags=["updates"])

    @router.get("/sightings", responses=example_of(examples.SIGHTINGS))
    async def list_sightings(
        name: Annotated[list[str], Query(max_length=MOST_SIGHTINGS, description="as answered")],
    ) -> SightedVectors:
        """The vectors of faces that this process has just seen, as far as they are still here."""
        vectors = [to_text(vector) for vector in service.sightings.of(name)]
        return SightedVectors(store=service.store.id, model=service.encoder.model, vectors=vectors)

    return router
