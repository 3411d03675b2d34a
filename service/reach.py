"""Who reaches a gateway, and whether somebody has said that they may."""

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
