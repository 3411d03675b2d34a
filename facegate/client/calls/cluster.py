"""The cluster and its gateway."""

from contract.messages.cluster import ClusterStatus, StoreList, StoreSummary
from facegate.client.api_call import ApiCall, nothing


def stores() -> ApiCall[list[StoreSummary]]:
    """Return the stores of the map."""
    return ApiCall("GET", "/v1/stores", lambda body: StoreList.model_validate_json(body).stores)


def cluster() -> ApiCall[ClusterStatus]:
    """Return the stores, their replicas, and the state of the map."""
    return ApiCall("GET", "/v1/cluster", ClusterStatus.model_validate_json)


def healthz() -> ApiCall[None]:
    """Raise unless the gateway lives."""
    return ApiCall("GET", "/healthz", nothing)


def readyz() -> ApiCall[None]:
    """Raise unless the gateway takes requests."""
    return ApiCall("GET", "/readyz", nothing)


def metrics() -> ApiCall[str]:
    """Return the gateway's metrics in Prometheus's text format."""
    return ApiCall("GET", "/metrics", bytes.decode)
