"""A store's models over HTTP: how much there is of one, and its end."""

from contract.errors import Conflict
from contract.messages.model_templates import ModelTemplates, NameOfVectors
from service.http.examples import example_of
from service.http.problems import problems
from service.http.routes import Routes
from shard.api import examples
from shard.api.chosen_store import ChosenService
from shard.api.request_deadline import RequestDeadline


def model_routes() -> Routes:
    """Return the routes about models."""
    router = Routes(tags=["updates"])

    @router.get("/models/{model}", responses=example_of(examples.MODEL_TEMPLATES))
    async def count_templates(
        service: ChosenService, model: NameOfVectors, deadline: RequestDeadline
    ) -> ModelTemplates:
        """How many templates a model has made, and whom the store knows by them alone."""
        gallery = service.collection.gallery
        counted = await service.threads.record(
            deadline, gallery.model_counts, model, service.encoder.model
        )
        return ModelTemplates(store=service.store.id, model=model, **counted._asdict())

    @router.delete(
        "/models/{model}", responses=example_of(examples.MODEL_TEMPLATES) | problems(Conflict)
    )
    async def forget_model(
        service: ChosenService, model: NameOfVectors, deadline: RequestDeadline
    ) -> ModelTemplates:
        """Remove all that a model made that the store does not use; a second time changes nothing.

        Visitors who have nothing else are gone with it. 409 `CONFLICT`: the store uses the model,
        or members have templates of it alone.
        """
        service.check_writable()
        if model in service.model_names:
            raise Conflict(f"{service.store.id} uses {model!r}: take it out of the store map first")
        collection = service.complete_collection()
        forgotten = await service.threads.record(
            deadline,
            collection.change,
            collection.gallery.forget_model,
            model,
            service.encoder.model,
        )
        return ModelTemplates(store=service.store.id, model=model, **forgotten._asdict())

    return router
