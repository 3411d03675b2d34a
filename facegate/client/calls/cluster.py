"""The cluster and its gateway."""

from contract.messages.cameras.camera_status import CameraList, CameraStatus, ForgottenCamera
from contract.messages.cluster import ClusterStatus, StoreList, StoreSummary
from contract.messages.model_templates import ModelTemplates
from facegate.client.api_call import ApiCall, given, nothing, store_path


def stores() -> ApiCall[list[StoreSummary]]:
    """Return the stores of the map."""
    return ApiCall("GET", "/v1/stores", lambda body: StoreList.model_validate_json(body).stores)


def cluster() -> ApiCall[ClusterStatus]:
    """Return the stores, their replicas, and the state of the map."""
    return ApiCall("GET", "/v1/cluster", ClusterStatus.model_validate_json)


def cameras(store: str | None = None) -> ApiCall[list[CameraStatus]]:
    """Return how the cameras are, of one store or of all: those that are listed, or were seen."""
    return ApiCall(
        "GET",
        "/v1/cameras",
        lambda body: CameraList.model_validate_json(body).cameras,
        given(store=store),
    )


def forget_camera(store: str, camera: str) -> ApiCall[ForgottenCamera]:
    """Forget a camera that is gone, so that it is not missed."""
    return ApiCall(
        "DELETE", store_path(store, "cameras", camera), ForgottenCamera.model_validate_json
    )


def model_templates(store: str, model: str) -> ApiCall[ModelTemplates]:
    """Return how many templates a model has made in a store, by the name of its vectors."""
    return ApiCall("GET", store_path(store, "models", model), ModelTemplates.model_validate_json)


def forget_model(store: str, model: str) -> ApiCall[ModelTemplates]:
    """Erase all that a model made in a store that does not use it any more.

    Refused (`CONFLICT`) while the store uses it, or members have templates of it alone.
    """
    return ApiCall("DELETE", store_path(store, "models", model), ModelTemplates.model_validate_json)


def healthz() -> ApiCall[None]:
    """Raise unless the gateway lives."""
    return ApiCall("GET", "/healthz", nothing)


def readyz() -> ApiCall[None]:
    """Raise unless the gateway takes requests."""
    return ApiCall("GET", "/readyz", nothing)


def metrics() -> ApiCall[str]:
    """Return the gateway's metrics in Prometheus's text format."""
    return ApiCall("GET", "/metrics", bytes.decode)
