"""Where an MQTT broker is, and who we are there."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self
from urllib.parse import unquote, urlsplit

from contract.errors import ConfigurationError

_PORTS = {"mqtt": 1883, "mqtts": 8883}
_LONGEST_PASSWORD = 10_000
_HOST = re.compile(r"[\w.:%-]{1,253}")


@dataclass(frozen=True)
class BrokerAddress:
    """A broker and the account there. `str()` gives its URL without the account."""

    host: str
    port: int
    is_secure: bool = False
    user: str | None = None
    password: str | None = field(default=None, repr=False)

    @classmethod
    def parse(cls, url: str, password_file: Path | None = None) -> Self:
        """Read `mqtt://[user[:password]@]host[:port]`, or `mqtts://…` for TLS.

        The first line of `password_file`, where one is given, is the password. Raises
        ConfigurationError, which says nothing of the account.
        """
        try:
            place = urlsplit(url)
            port = place.port
        except ValueError:
            raise ConfigurationError("the broker's URL has no valid host or port") from None
        if place.scheme not in _PORTS or not _HOST.fullmatch(place.hostname or ""):
            raise ConfigurationError("the broker's URL has to be mqtt://host or mqtts://host")
        if place.path not in {"", "/"} or place.query or place.fragment:
            raise ConfigurationError("the broker's URL ends with its port")
        password = None if place.password is None else unquote(place.password)
        if password_file is not None:
            password = _first_line(password_file)
        return cls(
            place.hostname or "",
            port or _PORTS[place.scheme],
            place.scheme == "mqtts",
            None if place.username is None else unquote(place.username),
            password,
        )

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'mqtts' if self.is_secure else 'mqtt'}://{host}:{self.port}"


def _first_line(file: Path) -> str:
    try:
        with file.open(encoding="utf-8") as lines:
            return lines.readline(_LONGEST_PASSWORD).rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{file} cannot be read for the broker's password") from error
