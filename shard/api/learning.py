"""What visits teach FaceIds, over HTTP: for the gateway alone, whose record knows the visits."""

from typing import Annotated

from fastapi import Query, Request

from contract.errors import BadRequest, UnknownFace
from contract.messages.lesson import Forgotten, LearnAnswer
from contract.text.identifiers import FACE_ID
from service.http.examples import example_of
from service.http.problems import problems
from service.http.routes import Routes
from shard.api import examples
from shard.api.chosen_store import ChosenService
from shard.api.parameters import LearnQuery, rates_of
from shard.api.picture_upload import VECTORS_BODY, read_vectors
from shard.api.request_deadline import RequestDeadline
from shard.gallery.template_rows import NewTemplate
from shard.index.second_lessons import learn_second


def learning_routes() -> Routes:
    """Return the routes that add and remove what FaceIds have learned."""
    router = Routes(tags=["updates"])

    @router.post(
        "/faces/{face_id}/learned",
        openapi_extra=VECTORS_BODY,
        responses=example_of(examples.LEARNED) | problems(UnknownFace),
    )
    async def learn(
        service: ChosenService,
        face_id: str,
        request: Request,
        deadline: RequestDeadline,
        query: Annotated[LearnQuery, Query()],
    ) -> LearnAnswer:
        """Store the vector of a visit, if it is still certain that it is of this FaceId.

        One of the store's second model is stored while that has few of the FaceId, unless it
        contradicts them.
        """
        service.check_writable()
        collection = service.complete_collection()
        model, vectors, _ = await read_vectors(request, service.models)
        if len(vectors) != 1:
            raise BadRequest(f"{len(vectors)} vectors instead of one")
        template = NewTemplate(
            vectors[0],
            model,
            query.quality,
            learned_from=query.visit,
            frames=query.frames,
        )
        rates = rates_of(service.store, query.rate, query.visitor_rate)
        name = FACE_ID.known(face_id)
        if model != collection.model:
            learned = await service.threads.record(
                deadline, learn_second, collection, name, template, rates
            )
        else:
            certainty = collection.certainty(rates, query.frames)
            learned = await service.threads.record(
                deadline, collection.learn, name, template, certainty, query.learning
            )
        return LearnAnswer(store=service.store.id, learned=learned)

    @router.delete(
        "/faces/{face_id}/learned",
        responses=example_of(examples.FORGOTTEN) | problems(UnknownFace),
    )
    async def forget(service: ChosenService, face_id: str, deadline: RequestDeadline) -> Forgotten:
        """Remove what a FaceId has learned; a second time changes nothing."""
        service.check_writable()
        collection = service.collection
        forgotten = await service.threads.record(
            deadline, collection.change, collection.gallery.forget, FACE_ID.known(face_id)
        )
        return Forgotten(store=service.store.id, templates=forgotten)

    return router
