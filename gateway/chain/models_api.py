"""The models of a store over HTTP."""

from urllib.parse import quote

from contract.errors import Conflict
from contract.messages.model_templates import ModelTemplates, NameOfVectors
from gateway.chain import examples
from gateway.chain.shard_request import ShardRequest
from gateway.chain.shards import Shards
from gateway.http.parameters import PathStore, RequestDeadline
from service.http.examples import example_of
from service.http.problems import problems
from service.http.routes import Routes


def model_routes(shards: Shards) -> Routes:
    """Return the routes about models."""
    routes = Routes(prefix="/v1/stores/{store}/models", tags=["operation"])

    @routes.get("/{model}", responses=example_of(examples.MODEL_TEMPLATES))
    async def count_model(
        home: PathStore, model: NameOfVectors, deadline: RequestDeadline
    ) -> ModelTemplates:
        """Count the templates that a model has made, and who has no others that serve."""
        request = ShardRequest("GET", _path(model))
        return await shards.read(home, request, ModelTemplates, deadline)

    @routes.delete("/{model}", responses=example_of(examples.MODEL_TEMPLATES) | problems(Conflict))
    async def forget_model(
        home: PathStore, model: NameOfVectors, deadline: RequestDeadline
    ) -> ModelTemplates:
        """Erase all that a model made that the store does not use any more.

        A second time changes nothing. Visitors who have nothing else are not known any more.
        409 `CONFLICT`: the store uses the model, or members have templates of it alone.
        """
        request = ShardRequest("DELETE", _path(model))
        return await shards.write(home, request, ModelTemplates, deadline)

    return routes


def _path(model: str) -> str:
    return f"/models/{quote(model, safe='')}"
