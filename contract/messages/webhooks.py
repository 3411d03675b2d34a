"""Webhooks as they are configured and told, as JSON."""

from pydantic import AnyHttpUrl, Field, SecretStr, field_validator

from contract.messages.live import CameraEvent, GoneEvent, MemberEvent, VisitEvent
from contract.messages.message import Message
from contract.text.webhook_secret import signing_key


class WebhookGiven(Message):
    """Where to send events: of one store, or of all when `store` is left out.

    Without `secret` one is made, and shown this once; a later PUT without it keeps it. One that
    begins with `whsec_` goes on with the base64 of 24 to 64 bytes, as in Standard Webhooks.
    """

    url: AnyHttpUrl = Field(max_length=1000)
    store: str | None = None
    secret: SecretStr | None = Field(default=None, min_length=16, max_length=200)

    @field_validator("secret")
    @classmethod
    def _check_secret(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            signing_key(value.get_secret_value())
        return value


class WebhookStatus(Message):
    """A webhook and how it is doing. `pending` events wait; `error` is why the last try failed."""

    webhook: str
    url: str
    store: str | None = None
    secret: str = Field(default="***", description="shown when it was made by this request")
    pending: int = 0
    failing_stores: int = 0
    attempts: int = Field(default=0, description="failed tries in a row, of the worst store")
    next_try_at: str | None = None
    error: str | None = None


class WebhookList(Message):
    """Every webhook."""

    webhooks: list[WebhookStatus]


class WebhookEvent(Message):
    """What a receiver gets, one a request, each store's in the order of `seq`."""

    seq: int
    store: str = Field(description="empty for what concerns the whole chain")
    event: str = Field(description="visit, gone, member or camera, as in the live feed")
    gap: bool = Field(default=False, description="older events may have expired undelivered")
    data: VisitEvent | GoneEvent | MemberEvent | CameraEvent
