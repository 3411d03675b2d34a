"""How a shard is, for the gateway, for process managers and for Prometheus."""

from fastapi.responses import Response
from prometheus_client import CONTENT_TYPE_LATEST

from contract.messages.cluster import ShardStatus
from service.http.examples import example_of
from service.http.routes import Routes
from shard.api import examples
from shard.service import Service


def health_routes(service: Service) -> Routes:
    """Return the routes about the shard's health."""
    router = Routes(tags=["health"])

    @router.get("/healthz")
    async def get_health() -> dict[str, str]:
        """Answers as long as the process does."""
        return {"status": "ok"}

    @router.get("/readyz")
    async def get_readiness() -> dict[str, str]:
        """Whether every stored face, and the store's folder, is in the index."""
        service.complete_collection()
        return {"status": "ready"}

    @router.get("/status", responses=example_of(examples.STATUS))
    async def get_status() -> ShardStatus:
        """State, sizes and last change."""
        return service.status()

    @router.get("/metrics", response_class=Response)
    async def get_metrics() -> Response:
        """Prometheus's text format."""
        return Response(service.metrics.exposition(), media_type=CONTENT_TYPE_LATEST)

    return router
