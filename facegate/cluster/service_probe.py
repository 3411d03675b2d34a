"""Whether what listens at an address is a service of facegate."""

import http.client
import json

from contract.stores.address import Address

_SECONDS = 5.0
"""How long an answer may take: a service that is about to end may be busy."""


def is_service(address: Address) -> bool:
    """Say whether a shard or a gateway answers at `address`, of whatever cluster."""
    host, port = address.reachable.host, address.port
    connection = http.client.HTTPConnection(host, port, timeout=_SECONDS)
    try:
        connection.request("GET", "/healthz")
        return bool(json.loads(connection.getresponse().read(100)) == {"status": "ok"})
    except (OSError, ValueError, http.client.HTTPException):
        return False
    finally:
        connection.close()
