"""Who is in a store, what happens in it, and webhooks."""

from contract.messages.live import Present
from contract.messages.webhooks import WebhookList, WebhookStatus
from facegate.client.api_call import ApiCall, given, path_of, store_path


def present(
    store: str, *, camera: str | None = None, seconds: float | None = None
) -> ApiCall[Present]:
    """Return who is in the store now, and the position to follow its live feed from.

    With `camera` those whom it was the last to see, who was seen last first; with `seconds` those
    who were seen so shortly ago.
    """
    query = given(camera=camera, seconds=None if seconds is None else str(seconds))
    return ApiCall("GET", store_path(store, "present"), Present.model_validate_json, query)


def webhooks() -> ApiCall[list[WebhookStatus]]:
    """Return every webhook and how it is doing."""
    return ApiCall(
        "GET", "/v1/webhooks", lambda body: WebhookList.model_validate_json(body).webhooks
    )


def webhook(name: str) -> ApiCall[WebhookStatus]:
    """Return one webhook and how it is doing."""
    return ApiCall("GET", path_of("webhooks", name), WebhookStatus.model_validate_json)


def put_webhook(
    name: str, url: str, *, store: str | None = None, secret: str | None = None
) -> ApiCall[WebhookStatus]:
    """Send the events of one store, or of all, to an address from now on.

    Without `secret` one is made for a new webhook, which the answer shows this once.
    """
    message = given(url=url, store=store, secret=secret)
    return ApiCall(
        "PUT", path_of("webhooks", name), WebhookStatus.model_validate_json, message=message
    )


def delete_webhook(name: str) -> ApiCall[WebhookStatus]:
    """Send nothing more; returns what the webhook was, and what it has not been told."""
    return ApiCall("DELETE", path_of("webhooks", name), WebhookStatus.model_validate_json)


def live(store: str, *, after: str | None, camera: str | None) -> ApiCall[str]:
    query = given(after=after, camera=camera)
    return ApiCall("GET", store_path(store, "live"), bytes.decode, query)
