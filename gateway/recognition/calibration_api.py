"""What a store's own scores say about its threshold, passed on from its shard."""

from typing import Annotated

from fastapi import Query

from contract.messages.calibration import Calibration
from contract.stores.rate import HIGHEST, LOWEST
from gateway.chain.shard_request import ShardRequest
from gateway.chain.shards import Shards
from gateway.http.parameters import PathStore, RequestDeadline
from service.http.examples import CALIBRATION, example_of
from service.http.routes import Routes


def calibration_routes(shards: Shards) -> Routes:
    """Return the route of calibrations."""
    routes = Routes(prefix="/v1/stores/{store}", tags=["faces"])

    @routes.get("/calibration", responses=example_of(CALIBRATION))
    async def get_calibration(
        home: PathStore,
        deadline: RequestDeadline,
        rate: Annotated[
            float | None,
            Query(ge=LOWEST, le=HIGHEST, description="share of strangers; default: the store's"),
        ] = None,
    ) -> Calibration:
        """How alike the faces of a store are, and what its threshold does to them."""
        query = {"rate": home.threshold if rate is None else rate}
        request = ShardRequest("GET", "/calibration", query=query)
        return await shards.read(home, request, Calibration, deadline)

    return routes
