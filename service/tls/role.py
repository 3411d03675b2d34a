"""What a certificate says its holder is: the same authority signs for gateways and shards.

A `site` is what a gateway is to those who ask it.
"""

from collections.abc import Mapping
from typing import Any, Literal

Role = Literal["gateway", "shard", "site"]


def role_name(role: Role) -> str:
    """Return the URI by which a certificate names a role (subjectAltName, RFC 5280 4.2.1.6)."""
    return f"urn:facegate:{role}"


def is_gateway(certificate: Mapping[str, Any] | None) -> bool:
    """Say whether a verified certificate, as `ssl.SSLSocket.getpeercert` has it, is a gateway's."""
    names = (certificate or {}).get("subjectAltName", ())
    return ("URI", role_name("gateway")) in names
