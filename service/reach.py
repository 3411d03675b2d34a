"""Who reaches a service, and whether somebody has said that they may."""

from contract.errors import ConfigurationError
from contract.stores.address import is_loopback


def require_choice(host: str, keys: str | None) -> None:
    """Raise ConfigurationError for a gateway that others reach before anybody has thought of it.

    It listens at `host`, and `keys` says whether it asks for any; None: nobody has said.
    """
    if keys is None and not is_loopback(host):
        raise ConfigurationError(
            f"others could reach the gateway at {host}, and read and erase everything: set"
            " FACEGATE_KEYS=required, or FACEGATE_KEYS=off where something before it asks who may"
        )


def require_cluster(host: str, *, is_protected: bool, shard_auth: str | None) -> None:
    """Raise ConfigurationError for a shard that others reach and that would answer them.

    It listens at `host`; `is_protected` by a secret or certificates. `shard_auth` says `off` where
    its network is closed otherwise.
    """
    if not is_protected and shard_auth is None and not is_loopback(host):
        raise ConfigurationError(
            f"others could reach the shard at {host}, and read and erase everything: set"
            " FACEGATE_CLUSTER_SECRET_FILE or FACEGATE_CLUSTER_TLS, or FACEGATE_SHARD_AUTH=off"
            " where nobody else is in its network"
        )
