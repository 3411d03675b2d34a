"""The address of a shard: `host:port`, where the host is a name, an IPv4 or an IPv6 in brackets."""

import ipaddress
import re
from dataclasses import dataclass
from typing import Self

_LABEL = r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)"
_HOST_NAME = re.compile(rf"{_LABEL}(\.{_LABEL})*\.?")
_SCOPED = re.compile(r"[0-9A-Fa-f:.]+(%[A-Za-z0-9_.-]{1,15})?")
"""An IPv6 address; after `%` the interface that a link-local one is reached by."""
_LOOPBACK = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  # nosec B104
"""Who listens on every address of a kind, listens on this one; nothing is bound to it here."""


@dataclass(frozen=True, order=True)
class Address:
    """Where one shard listens. `str()` gives `host:port` again."""

    host: str
    port: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `host:port`. Raises ValueError with what is wrong."""
        if "://" in text:
            raise ValueError("write host:port, without a scheme like http://")
        host, colon, port = text.rpartition(":")
        if not colon or not host:
            raise ValueError("expected host:port, for instance 127.0.0.1:5001")
        if not re.fullmatch("[0-9]{1,5}", port) or not 1 <= int(port) <= 65535:
            raise ValueError(f"the port {port[:20]!r} is not a number from 1 to 65535")
        return cls(_host(host), int(port))

    @classmethod
    def at(cls, host: str, port: int) -> Self:
        """Return the address of a host as `listening_host` takes it. Raises ValueError."""
        return cls(listening_host(host), port)

    @property
    def reachable(self) -> Self:
        """Where a process of this machine reaches who listens here: `::` means ::1, too."""
        return type(self)(_LOOPBACK.get(self.host, self.host), self.port)

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def listening_host(text: str) -> str:
    """Return a host to listen on: a name or an IP address, IPv6 with or without brackets.

    Raises ValueError.
    """
    return _host(f"[{text}]" if ":" in text and not text.startswith("[") else text)


def _host(text: str) -> str:
    if text.startswith("[") and text.endswith("]"):
        if not _SCOPED.fullmatch(text[1:-1]):
            raise ValueError(f"{text[:80]!r} is not an IPv6 address")
        address = ipaddress.IPv6Address(text[1:-1])
        return str(address.ipv4_mapped or address)  # who listens at one, listens at the other
    if re.fullmatch(r"[0-9.]+", text):
        return str(ipaddress.IPv4Address(text))
    if len(text) > 253 or not _HOST_NAME.fullmatch(text):
        raise ValueError(
            f"{text[:80]!r} is neither a host name nor an IP address (IPv6 in brackets)"
        )
    return text.lower()


def is_loopback(host: str) -> bool:
    """Say whether this machine alone reaches who listens at `host`, as `listening_host` has it."""
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return host.lower() == "localhost"
