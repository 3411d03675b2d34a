"""What operators and their tools ask the gateway."""

from fastapi import Response
from prometheus_client import CONTENT_TYPE_LATEST

from contract.errors import NotReady
from contract.messages.cluster import ClusterStatus, StoreList
from gateway.chain import examples
from gateway.chain.cluster import Cluster
from gateway.drain import Drain
from gateway.metrics import GatewayMetrics
from service.http.examples import example_of
from service.http.routes import Routes


def cluster_routes(cluster: Cluster, metrics: GatewayMetrics, drain: Drain) -> Routes:
    """Return the operators' routes."""
    routes = Routes(tags=["operation"])

    @routes.get("/v1/cluster", responses=example_of(examples.CLUSTER))
    async def get_cluster() -> ClusterStatus:
        """Show the map in force, what is wrong with the file, and every replica."""
        return cluster.status()

    @routes.get("/v1/stores", responses=example_of(examples.STORES))
    async def list_stores() -> StoreList:
        """List the stores."""
        return cluster.stores()

    @routes.get("/healthz")
    async def get_health() -> dict[str, str]:
        """Say that the process lives."""
        return {"status": "ok"}

    @routes.get("/readyz")
    async def get_readiness() -> dict[str, str]:
        """Say whether this gateway takes requests: not while it stops, or cannot store."""
        if drain.begun:
            raise NotReady("the gateway is about to stop")
        cluster.check()
        return {"status": "ready"}

    @routes.get("/metrics", response_class=Response)
    async def get_metrics() -> Response:
        """Return the metrics in Prometheus's text format."""
        return Response(metrics.exposition(), media_type=CONTENT_TYPE_LATEST)

    return routes
