"""The store's visitors for the gateway, which looks again who of them is one person."""

from collections.abc import Callable
from typing import Annotated

from fastapi import Query

from contract.messages.looking_again import AlikeVisitors, VisitorVector, VisitorVectors
from contract.text.identifiers import Start
from contract.vectors import to_text
from service.http.examples import example_of
from service.http.routes import Routes
from shard.api import examples
from shard.api.chosen_store import ChosenService
from shard.api.parameters import MOST_TEMPLATES
from shard.api.request_deadline import LongDeadline, RequestDeadline
from shard.recognition.alike_visitors import find_alike


def visitors_routes() -> Routes:
    """Return the routes of visitors as a whole."""
    routes = Routes(tags=["updates"])

    @routes.get("/visitors/alike", responses=example_of(examples.ALIKE))
    async def list_alike_visitors(service: ChosenService, deadline: LongDeadline) -> AlikeVisitors:
        """Visitors who are one person by the scores of all pairs; nothing is changed.

        It may take a minute, beside all else.
        """
        collection = service.complete_collection()

        def find(pause: Callable[[], None]) -> AlikeVisitors:
            return find_alike(collection.visitors(), service.scale, service.store.id, pause)

        return await service.threads.long(deadline, find)

    @routes.get("/visitors/vectors", responses=example_of(examples.VISITOR_VECTORS))
    async def list_visitor_vectors(
        service: ChosenService,
        deadline: RequestDeadline,
        after: Start = "",
        limit: Annotated[int, Query(ge=1, le=1000)] = 1000,
        among: Annotated[
            int,
            Query(
                ge=0,
                le=MOST_TEMPLATES,
                description="how many FaceIds of all stores they are compared with",
            ),
        ] = 0,
    ) -> VisitorVectors:
        """The mean vectors of visitors, in the order of their FaceIds."""
        collection = service.complete_collection()

        def page() -> VisitorVectors:
            visitors = collection.visitors()
            places = visitors.linking_places(service.scale.parameters.linking)
            faces = visitors._replace(places=places).after(after, limit)
            rows = zip(faces.face_ids, faces.vectors, faces.places.pairs, strict=True)
            return VisitorVectors(
                store=service.store.id,
                model=service.encoder.model,
                cohort=service.cohort.name,
                needed=service.scale.parameters.linking.at(among),
                faces=[
                    VisitorVector(face_id=face_id, vector=to_text(vector), place=place)
                    for face_id, vector, place in rows
                ],
            )

        return await service.threads.search(deadline, page)

    return routes
