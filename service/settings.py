"""The settings that gateway and shards share, from `FACEGATE_…` variables."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, field_validator

from contract.stores.address import listening_host
from service.cluster_secret import ClusterSecret
from service.environment_settings import Settings
from service.http.known_hosts import host_names
from service.tls.own_certificate import OwnCertificate, TlsFiles


class ServiceSettings(Settings):
    """What both services let be set: where they listen, their limits, and their log."""

    host: Annotated[str, AfterValidator(listening_host)] = "127.0.0.1"
    """Address to listen on."""
    hosts: str | None = None
    """Names under which it may be asked for beside its addresses, separated by commas, or `*`."""
    cluster_secret_file: Path | None = None
    """File with the secret by which gateway and shards know each other, a line each."""
    cluster_tls: Path | None = None
    """Folder with the certificate by which gateway and shards know each other."""
    max_body_bytes: int = Field(default=20_000_000, gt=0)
    """Largest request body."""
    body_seconds: float = Field(default=10, gt=0)
    """How long a body may take to arrive."""
    max_connections: int = Field(default=10_000, gt=0)
    """Most connections at once; never more than three quarters of the descriptors it may open."""
    connections_an_address: int | None = Field(default=None, ge=0)
    """Most of them from one address that is not this machine's; None: a quarter; 0: any number."""
    request_seconds: float = Field(default=15, gt=0)
    """How long a whole request may take."""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    """Least severe records that are logged."""

    @property
    def cluster_secret(self) -> ClusterSecret | None:
        """The secret in `cluster_secret_file`. Raises ConfigurationError."""
        path = self.cluster_secret_file
        return None if path is None else ClusterSecret.read(path)

    @property
    def is_protected(self) -> bool:
        """Whether gateway and shards know each other, by a secret or by certificates."""
        return self.cluster_secret_file is not None or self.cluster_tls is not None

    def cluster_certificate(self, side: Literal["client", "server"]) -> OwnCertificate | None:
        """Return the certificate in `cluster_tls`. Raises ConfigurationError."""
        folder = self.cluster_tls
        return None if folder is None else OwnCertificate(TlsFiles.of_cluster(folder), side)

    @property
    def host_names(self) -> list[str]:
        """The names of `hosts`."""
        return host_names(self.hosts or "")

    @field_validator("hosts")
    @classmethod
    def _check_hosts(cls, value: str | None) -> str | None:
        host_names(value or "")
        return value
