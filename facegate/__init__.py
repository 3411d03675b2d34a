"""What users hold: the Python client, and the `facegate` command over it."""

from facegate.api_error import ApiError, ClientError, GatewayUnreachable
from facegate.client import AsyncClient, Client

__all__ = ["ApiError", "AsyncClient", "Client", "ClientError", "GatewayUnreachable"]
