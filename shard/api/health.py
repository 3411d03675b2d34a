"""How a shard is, for the gateway, for process managers and for Prometheus."""

from fastapi import Request
from fastapi.responses import Response
from prometheus_client import CONTENT_TYPE_LATEST

from contract.messages.cluster import ShardStatus, ShardStatuses
from service.http.examples import example_of
from service.http.routes import Routes
from shard.api import examples
from shard.api.chosen_store import ChosenService, services_of, store_of
from shard.metrics import ShardMetrics


def health_routes(metrics: ShardMetrics) -> Routes:
    """Return the routes about the shard's health."""
    router = Routes(tags=["health"])

    @router.get("/healthz")
    async def get_health() -> dict[str, str]:
        """Answers as long as the process does."""
        return {"status": "ok"}

    @router.get("/readyz")
    async def get_readiness(request: Request) -> dict[str, str]:
        """Whether every stored face of the store, and its folder, is in the index.

        Of a process of several stores, when none is named: whether this is so of one of them.
        """
        services, store = services_of(request), store_of(request)
        if store is None and len(services) > 1:
            services.check_any_ready()
        else:
            services.of(store).complete_collection()
        return {"status": "ready"}

    @router.get("/status", responses=example_of(examples.STATUS))
    async def get_status(service: ChosenService) -> ShardStatus:
        """State, sizes and last change."""
        return service.status()

    @router.get("/statuses", responses=example_of(examples.STATUSES))
    async def get_statuses(request: Request) -> ShardStatuses:
        """The same of every store that the process serves."""
        return ShardStatuses(stores=[service.status() for service in services_of(request)])

    @router.get("/metrics", response_class=Response)
    async def get_metrics() -> Response:
        """Prometheus's text format."""
        return Response(metrics.exposition(), media_type=CONTENT_TYPE_LATEST)

    return router
