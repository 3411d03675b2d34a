"""httpx's connections, with an end to each call: httpx bounds every wait, and not how many.

Whoever answers a byte or `100 Continue` from time to time would hold a call for ever. What is sent
and received within `ending_in` ends in time, on whatever connection.
"""

import math
import ssl
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import httpcore
import httpx

LATE = "it has not answered in time"
_PIECE = 65_536
"""Bytes that are sent between two looks at the clock."""
KEPT_SECONDS = 3.0
"""Less than the gateway's 5 s: a call never meets a connection that the gateway is just closing."""
LIMITS = httpx.Limits(
    max_connections=100, max_keepalive_connections=20, keepalive_expiry=KEPT_SECONDS
)
"""How many connections a client has, as httpx has them, and for how long idle ones are kept."""
_ends: ContextVar[float] = ContextVar("_ends", default=math.inf)


@contextmanager
def ending_in(seconds: float) -> Iterator[None]:
    """Let what this thread sends and receives in the block end within so many seconds."""
    token = _ends.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _ends.reset(token)


class BoundedTransport(httpx.BaseTransport):
    """HTTP/1.1 that ends in time. Raises what httpx does, httpx.TransportError."""

    def __init__(self, tls: ssl.SSLContext) -> None:
        self._pool = httpcore.ConnectionPool(
            tls,
            max_connections=LIMITS.max_connections,
            max_keepalive_connections=LIMITS.max_keepalive_connections,
            keepalive_expiry=LIMITS.keepalive_expiry,
            network_backend=_BoundedBackend(),
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request; return the answer, whose body is still to come."""
        url = request.url
        asked = httpcore.Request(
            request.method,
            httpcore.URL(
                scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
            ),
            headers=request.headers.raw,
            content=request.stream,
            extensions=request.extensions,
        )
        with _as_httpx():
            answer = self._pool.handle_request(asked)
        return httpx.Response(
            answer.status,
            headers=answer.headers,
            stream=_BodyStream(answer),
            extensions=answer.extensions,
        )

    def close(self) -> None:
        """Close the connections."""
        self._pool.close()


class _BodyStream(httpx.SyncByteStream):
    """The body of an answer, as it comes."""

    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        with _as_httpx():
            yield from self._answer.iter_stream()

    def close(self) -> None:
        self._answer.close()


class _BoundedBackend(httpcore.SyncBackend):
    """Makes connections on which nothing takes longer than the call has left."""

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        return _BoundedStream(
            super().connect_tcp(host, port, _left(timeout), local_address, socket_options)
        )


class _BoundedStream(httpcore.NetworkStream):
    """A connection, plain or by TLS."""

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for start in range(0, len(buffer), _PIECE):
            self._stream.write(buffer[start : start + _PIECE], _left(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        return _BoundedStream(self._stream.start_tls(ssl_context, server_hostname, _left(timeout)))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _left(timeout: float | None) -> float | None:
    """Return how long may be waited: no longer than the call has left. Raises ReadTimeout."""
    left = _ends.get() - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout
    if timeout is None:
        return None if math.isinf(left) else left
    return min(timeout, left)


@contextmanager
def _as_httpx() -> Iterator[None]:
    try:
        yield
    except httpcore.ReadTimeout as error:
        raise httpx.ReadTimeout(LATE) from error
    except (
        httpcore.TimeoutException,
        httpcore.NetworkError,
        httpcore.ProtocolError,
        httpcore.UnsupportedProtocol,
    ) as error:
        raise httpx.TransportError(str(error) or type(error).__name__) from error
