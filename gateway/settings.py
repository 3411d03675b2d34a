"""The gateway's settings, from `FACEGATE_…` variables."""

from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, ValidationInfo, field_validator

from contract.errors import ConfigurationError
from contract.stores.address import is_loopback
from contract.stores.daily_hours import DailyHours
from gateway.http.origins import origins
from gateway.http.path_prefix import path_prefix
from service.settings import ServiceSettings
from service.tls.own_certificate import OwnCertificate, TlsFiles

_TOPIC = r"^[^+#$\x00/]+(/[^+#\x00/]+)*$"


class GatewaySettings(ServiceSettings):
    """How one gateway runs. Each field `x` is read from `FACEGATE_X`."""

    stores: Path = Path("stores.yaml")
    """The store map."""
    data: Path = Path("data")
    """Folder of the record, unless `record_url` says otherwise."""
    record_url: SecretStr | None = None
    """SQLAlchemy URL of the record; default: the file `gateway.sqlite` under `data`."""
    directory_url: SecretStr | None = None
    """SQLAlchemy URL of the directory of members who roam, in PostgreSQL with pgvector."""
    port: int = Field(default=8000, ge=1, le=65535)
    fan_out_ms: int = Field(default=500, gt=0)
    """How long the other stores' shards may take together to search faces."""
    directory_ms: int = Field(default=250, gt=0)
    """How long the directory may take to say which of them are worth asking."""
    home_ms: int = Field(default=8000, gt=0)
    """How long one shard may take to find and encode the faces of a picture."""
    track_quiet_seconds: float = Field(default=3, gt=0, le=600)
    """After how long without a frame a track is named that nobody knows."""
    camera_pictures: int = Field(default=4, ge=1, le=1000)
    """How many pictures of one camera may be worked on at once; more are answered 429."""
    requests_a_minute: int = Field(default=6000, ge=0)
    """Requests of one key, or of one address without keys, but for cameras' pictures; 0: any."""
    searches_a_minute: int = Field(default=120, ge=0)
    """Of these, searches by picture and comparisons; 0: any."""
    health_seconds: float = Field(default=1, gt=0)
    """How often each replica is asked for its status; it may take as long, but 1 s at least."""
    drain_seconds: float = Field(default=1, ge=0)
    """After SIGTERM: how long `/readyz` says 503 before the gateway stops to accept requests."""
    quiet_hours: str = "03:00-05:00"
    """When visitors are looked at again, by each store's own clock; empty: when asked for alone."""
    audit_file: Path | None = None
    """The file of the audit trail; default: `audit.jsonl` under `data`."""
    audit_days: float = Field(default=1095, ge=0)
    """How long entries of the audit trail are kept, in days; 0: for ever."""
    event_hours: float = Field(default=72, gt=0)
    """How long events are kept for live feeds and webhooks that were away."""
    persons_alarm: int = Field(default=100_000, ge=0)
    """From how many known persons on `/v1/privacy`, log and metrics say so; 0: never."""
    import_minutes: float = Field(default=1440, gt=0)
    """How long an import of members may take; what is not done then is undone."""
    import_bytes: int = Field(default=500_000_000, gt=0)
    """Largest table that an import takes, in all its parts."""
    webhook_hosts: str | None = None
    """Hosts that webhooks may be sent to, `host` or `host:port`, separated by commas."""
    mqtt_url: SecretStr | None = None
    """The MQTT broker that is told of visits: `mqtt(s)://[user[:password]@]host[:port]`."""
    mqtt_password_file: Path | None = None
    """File whose first line is the password there, where the URL is to have none."""
    mqtt_certificates: Path | None = None
    """Authorities by which a broker with TLS is trusted, in PEM; default: the system's."""
    mqtt_prefix: str = Field(default="facegate", pattern=_TOPIC, max_length=100)
    """What all topics begin with."""
    mqtt_discovery: str = Field(default="homeassistant", pattern=f"^$|{_TOPIC}", max_length=100)
    """Under which topic Home Assistant looks for devices; empty: it is told of none."""
    mqtt_names: bool = False
    """Whether the broker is told the names of members: whoever reads there sees them."""
    root_path: Annotated[str, AfterValidator(path_prefix)] | None = None
    """The prefix of all paths where a proxy serves the gateway; it may pass it on or not."""
    cors_origins: str | None = None
    """Origins whose pages may call the API from a browser, or `*`, separated by commas."""
    keep_alive_seconds: int = Field(default=5, ge=1, le=3600)
    """How long an idle connection is kept open for the next request."""
    keys: Literal["off", "required"] | None = None
    """Whether requests need a key; keys themselves are made and revoked with one in any case.

    None is `off`, for gateways that this machine alone reaches.
    """
    admin_key_file: Path | None = None
    """File with a key of the admin, which the gateway makes where there is none."""
    tls_certificate: Path | None = None
    """File with the certificate by which the gateway is served by TLS, and those above it."""
    tls_key: Path | None = None
    """File with its key; None: it is in the same file."""
    session_hours: float = Field(default=12.0, gt=0, le=720)
    """After how long somebody who signed in to the pages has to do so again."""
    oidc_issuer: str | None = None
    """The OpenID provider that vouches for people who sign in, as it writes its own name: a URL."""
    oidc_client_id: str | None = None
    """Who the gateway is to it."""
    oidc_client_secret_file: Path | None = None
    """File with the secret by which it knows the gateway; None: it asks for none."""
    oidc_roles: Path | None = None
    """File that says which role people have, by what it says of them."""
    demo: bool = False
    """Whether made-up visits may be stored, for a demo."""

    @property
    def record_address(self) -> str | None:
        """`record_url` with its password, if it is set."""
        return self.record_url.get_secret_value() if self.record_url else None

    @property
    def directory_address(self) -> str | None:
        """`directory_url` with its password, if it is set."""
        return self.directory_url.get_secret_value() if self.directory_url else None

    @property
    def fan_out_seconds(self) -> float:
        """`fan_out_ms` in seconds."""
        return self.fan_out_ms / 1000

    @property
    def directory_seconds(self) -> float:
        """`directory_ms` in seconds."""
        return self.directory_ms / 1000

    @property
    def home_seconds(self) -> float:
        """`home_ms` in seconds."""
        return self.home_ms / 1000

    @property
    def served_certificate(self) -> OwnCertificate | None:
        """What the gateway is served with by TLS. Raises ConfigurationError."""
        certificate = self.tls_certificate
        if certificate is None:
            if self.tls_key is not None:
                raise ConfigurationError("FACEGATE_TLS_KEY needs FACEGATE_TLS_CERTIFICATE")
            return None
        return OwnCertificate(TlsFiles(certificate, self.tls_key or certificate, None), "server")

    @property
    def hours_to_look_again(self) -> DailyHours | None:
        """The times of `quiet_hours`; None when it is empty."""
        return DailyHours.parse(self.quiet_hours) if self.quiet_hours else None

    @property
    def allowed_webhook_hosts(self) -> list[str]:
        """The hosts of `webhook_hosts`."""
        return [host.strip() for host in (self.webhook_hosts or "").split(",") if host.strip()]

    @property
    def allowed_origins(self) -> list[str]:
        """The origins of `cors_origins`."""
        return origins(self.cors_origins or "")

    @property
    def oidc_client_secret(self) -> str | None:
        """The secret in `oidc_client_secret_file`. Raises ConfigurationError."""
        path = self.oidc_client_secret_file
        if path is None:
            return None
        try:
            return path.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigurationError(f"{path}: the client's secret cannot be read") from error

    @field_validator("oidc_issuer")
    @classmethod
    def _check_issuer(cls, value: str | None) -> str | None:
        if value is not None:
            parts = urlsplit(value)
            if parts.scheme != "https" and not is_loopback(parts.hostname or ""):
                raise ValueError("expected https://…: nobody else may speak in its name")
        return value

    @field_validator("oidc_roles")
    @classmethod
    def _check_roles(cls, value: Path | None, info: ValidationInfo) -> Path | None:
        given = (info.data.get("oidc_issuer"), info.data.get("oidc_client_id"), value)
        if any(given) and not all(given):
            raise ValueError("FACEGATE_OIDC_ISSUER, _CLIENT_ID and _ROLES are set together")
        return value

    @field_validator("quiet_hours")
    @classmethod
    def _check_quiet_hours(cls, value: str) -> str:
        if value:
            DailyHours.parse(value)
        return value

    @field_validator("cors_origins")
    @classmethod
    def _check_origins(cls, value: str | None) -> str | None:
        origins(value or "")
        return value
