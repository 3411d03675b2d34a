"""The address of a shard: `host:port`, where the host is a name, an IPv4 or an IPv6 in brackets."""

import ipaddress
import re
from dataclasses import dataclass
from typing import Self

_LABEL = r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)"
_HOST_NAME = re.compile(rf"^{_LABEL}(\.{_LABEL})*\.?$")


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
        if not (port.isascii() and port.isdigit()) or not 1 <= int(port) <= 65535:
            raise ValueError(f"the port {port!r} is not a number from 1 to 65535")
        return cls(_host(host), int(port))

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def is_loopback(self) -> bool:
        """True when the address can only mean this machine."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False


def _host(text: str) -> str:
    if text.startswith("[") and text.endswith("]"):
        return str(ipaddress.IPv6Address(text[1:-1]))
    if re.fullmatch(r"[0-9.]+", text):
        return str(ipaddress.IPv4Address(text))
    if not _HOST_NAME.match(text) or len(text) > 253:
        raise ValueError(f"{text!r} is neither a host name nor an IP address (IPv6 in brackets)")
    return text.lower()
