"""Who may look at a camera: from the environment or a file, never from a command line."""

import netrc
from pathlib import Path

from pydantic import Field, SecretStr

from contract.errors import ConfigurationError
from encoder.duty_budget import USUAL_SHARE
from facegate.camera.sources.source_address import SourceAddress, has_password
from service.environment_settings import Settings


class CameraSettings(Settings):
    """What the agent reads from the environment."""

    camera_user: str | None = None
    """The user of cameras of which nothing else is known."""
    camera_password: SecretStr | None = None
    """The password of that user."""
    camera_credentials: Path | None = None
    """A file of hosts with users and passwords, as curl and others read it: netrc."""
    cnn_share: float = Field(USUAL_SHARE, ge=0, le=1)
    """Of the time: what the CNN may compute where a camera's detector is `auto`."""


def signed_in(address: SourceAddress, settings: CameraSettings) -> SourceAddress:
    """Return the address with the user and password that are known for its host.

    One that has them already stays as it is. Raises ConfigurationError when the file cannot be
    read.
    """
    if address.host is None or has_password(address.opened):
        return address
    known = _of_file(settings.camera_credentials, address.host)
    if known is None and settings.camera_user is not None:
        password = settings.camera_password
        known = settings.camera_user, password.get_secret_value() if password else ""
    return address if known is None else address.signed_in(*known)


def _of_file(path: Path | None, host: str) -> tuple[str, str] | None:
    if path is None:
        return None
    try:
        entry = netrc.netrc(str(path)).authenticators(host)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path} cannot be read: {error}") from error
    except netrc.NetrcParseError as error:  # its text may quote a password
        raise ConfigurationError(f"{path}, line {error.lineno}: no netrc file") from None
    return None if entry is None else (entry[0], entry[2] or "")
