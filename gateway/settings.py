"""The gateway's settings, from `FACEGATE_…` variables."""

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr

from contract.settings import Settings


class GatewaySettings(Settings):
    """How one gateway runs. Each field `x` is read from `FACEGATE_X`."""

    stores: Path = Path("stores.yaml")
    """The store map."""
    data: Path = Path("data")
    """Folder of the record, unless `record_url` says otherwise."""
    record_url: SecretStr | None = None
    """SQLAlchemy URL of the record; default: the file `gateway.sqlite` under `data`."""
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=1, le=65535)
    fan_out_ms: int = Field(default=500, gt=0)
    """How long the other stores' shards may take together to search the missed faces."""
    home_ms: int = Field(default=8000, gt=0)
    """How long one shard may take to find and encode the faces of a picture."""
    request_seconds: float = Field(default=15, gt=0)
    """How long a whole request may take."""
    health_seconds: float = Field(default=1, gt=0)
    """How often each replica is asked for its status, and how long it may take to answer."""
    max_body_bytes: int = Field(default=20_000_000, gt=0)
    body_seconds: float = Field(default=10, gt=0)
    """How long a body may take to arrive."""
    drain_seconds: float = Field(default=1, ge=0)
    """After SIGTERM: how long `/readyz` says 503 before the gateway stops to accept requests."""
    event_hours: float = Field(default=72, gt=0)
    """How long events are kept for live feeds and webhooks that were away."""
    webhook_hosts: str | None = None
    """Hosts that webhooks may be sent to, `host` or `host:port`, separated by commas."""
    demo: bool = False
    """Whether made-up visits may be stored, for a demo."""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    @property
    def allowed_webhook_hosts(self) -> list[str]:
        """The hosts of `webhook_hosts`."""
        return [host.strip() for host in (self.webhook_hosts or "").split(",") if host.strip()]
