"""The key that the commands bring: that of the environment, or the admin's of this folder."""

import ipaddress
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import SecretStr

from facegate.client.gateway_key import Key
from service.environment_settings import Settings, read_settings

ADMIN_KEY = Path("data") / "admin.key"
"""Where `facegate up` has the admin's key written, by default."""


class KeySettings(Settings):
    """What the commands read from the environment to open a gateway."""

    key: SecretStr | None = None
    """A key."""
    key_file: Path | None = None
    """A file that holds one."""


def known_key(url: str) -> Key | None:
    """Return the key for the gateway at `url`, if there is one.

    The admin's key of this folder goes to gateways of this machine alone: whoever listens at
    another address would have it then. Raises ConfigurationError.
    """
    settings = read_settings(KeySettings)
    if settings.key is not None:
        return settings.key.get_secret_value()
    if settings.key_file is not None:
        return settings.key_file
    return ADMIN_KEY if _is_here(url) and ADMIN_KEY.is_file() else None


def _is_here(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
