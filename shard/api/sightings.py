"""The vectors of faces that were just seen."""

from typing import Annotated

from fastapi import Query

from contract.messages.shard_updates import MOST_SIGHTINGS, SightedVectors
from contract.vectors import optional_text, to_text
from service.http.examples import example_of
from service.http.routes import Routes
from shard.api import examples
from shard.api.chosen_store import ChosenService


def sightings_routes() -> Routes:
    """Return the route, which is for the gateway alone."""
    router = Routes(tags=["updates"])

    @router.get("/sightings", responses=example_of(examples.SIGHTINGS))
    async def list_sightings(
        service: ChosenService,
        name: Annotated[list[str], Query(max_length=MOST_SIGHTINGS, description="as answered")],
    ) -> SightedVectors:
        """The vectors of faces that this process has just seen, as far as they are still here."""
        seen, second = service.sightings.of(name), service.encoder.second
        return SightedVectors(
            store=service.store.id,
            model=service.encoder.model,
            vectors=[to_text(each.vector) for each in seen],
            second_model=second and second.model,
            second_vectors=[optional_text(each.second) for each in seen] if second else [],
        )

    return router
