"""HTTP to shards: a shard that does not answer, or answers nonsense, is a `ShardError`."""

from collections.abc import Mapping

from contract.errors import ShardNonsense, ShardUnavailable, ShardUntrusted
from contract.stores.address import Address
from gateway.http.connections import (
    Answer,
    Connections,
    Limits,
    NotHttp,
    NotTrusted,
    Origin,
    Unanswered,
)
from service.tls.own_certificate import OwnCertificate

MAX_ANSWER_BYTES = 32_000_000
CONNECT_SECONDS = 1.0
KEEP_ALIVE_SECONDS = 3.0
"""Less than uvicorn's 5 s: a request never meets a connection that the shard is just closing."""


class ShardConnections:
    """The connections of one gateway to all shards. Addresses are not redirected."""

    def __init__(
        self, own: OwnCertificate | None = None, keep_alive_seconds: float = KEEP_ALIVE_SECONDS
    ) -> None:
        """Ask by TLS with the gateway's `own` certificate; without one, by plain HTTP."""
        self._own = own
        self._connections = Connections(
            Limits(CONNECT_SECONDS, keep_alive_seconds, MAX_ANSWER_BYTES),
            None if own is None else lambda: own.context,
        )

    def close(self) -> None:
        """Close the connections that nobody uses; the others end with their requests."""
        self._connections.close()

    async def ask(
        self, to: Address, method: str, path: str, headers: Mapping[str, str], body: bytes
    ) -> Answer:
        """Send a request and return the answer, whatever its status.

        Raises ShardUnavailable, ShardUntrusted and ShardNonsense. Whoever gives up waiting cancels
        it.
        """
        try:
            return await self._connections.ask(
                Origin(to.host, to.port, self._own is not None), method, path, headers, body
            )
        except NotTrusted as error:
            fault = None if self._own is None else self._own.fault
            own = f"; the gateway's own certificate {fault}" if fault else ""
            raise ShardUntrusted(f"no trust between gateway and shard: {error}{own}") from error
        except Unanswered as error:
            raise ShardUnavailable("the shard does not answer") from error
        except NotHttp as error:
            raise ShardNonsense(f"the shard: {error}") from error
