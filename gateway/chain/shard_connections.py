"""HTTP/1.1 to shards on connections that are kept: what it takes, and nothing else.

A general client costs several times the CPU, and a picture's way through the gateway consists of
little more than this.
"""

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from typing import NamedTuple, cast

import httptools

from contract.errors import ShardNonsense, ShardUnavailable
from contract.stores.address import Address

MAX_ANSWER_BYTES = 32_000_000
CONNECT_SECONDS = 1.0
KEEP_ALIVE_SECONDS = 3.0
"""Less than uvicorn's 5 s: a request never meets a connection that the shard is just closing."""
_SWITCHING_PROTOCOLS = 101


class Answer(NamedTuple):
    """What a shard answered."""

    status: int
    body: bytes
    retry_after: str


class ShardConnections:
    """The connections of one gateway, one request at a time on each. Addresses are not redirected.

    For the event loop's thread alone.
    """

    def __init__(self) -> None:
        self._idle: defaultdict[Address, list[_Connection]] = defaultdict(list)

    def close(self) -> None:
        """Close the connections that nobody uses; the others end with their requests."""
        for connections in self._idle.values():
            for connection in connections:
                connection.close()
        self._idle.clear()

    async def ask(
        self, to: Address, method: str, path: str, headers: Mapping[str, str], body: bytes
    ) -> Answer:
        """Send a request and return the answer, whatever its status.

        Raises ShardUnavailable and ShardNonsense. Whoever gives up waiting cancels it.
        """
        request = _head(to, method, path, headers, len(body)) + body
        connection = self._kept(to) or await _connect(to)
        try:
            answer = await connection.ask(request)
        except BaseException:  # cancelled, too: the rest of the answer is nobody's
            connection.close()
            raise
        if connection.is_usable:
            self._idle[to].append(connection)
        else:
            connection.close()
        return answer

    def _kept(self, to: Address) -> "_Connection | None":
        """Return the connection that was used last, if one can still be used."""
        connections = self._idle[to]
        oldest = asyncio.get_running_loop().time() - KEEP_ALIVE_SECONDS
        while connections:
            connection = connections.pop()
            if connection.is_usable and connection.last_use > oldest:
                return connection
            connection.close()
        return None


class _Connection(asyncio.Protocol):
    """One connection; the callbacks of asyncio and of the parser are called in the loop."""

    _transport: asyncio.Transport
    _parser: httptools.HttpResponseParser

    def __init__(self) -> None:
        self.last_use = 0.0
        self._loop = asyncio.get_running_loop()
        self._answer: asyncio.Future[Answer] | None = None
        self._body = bytearray()
        self._retry_after = ""
        self._received = 0
        self._keeps_alive = True

    @property
    def is_usable(self) -> bool:
        """Whether another request may be sent on it."""
        return (
            self._keeps_alive
            and not self._transport.is_closing()
            and not self._transport.get_write_buffer_size()
        )

    async def ask(self, request: bytes) -> Answer:
        """Send a request and return the answer."""
        self._parser = httptools.HttpResponseParser(self)
        self._body, self._retry_after, self._received = bytearray(), "", 0
        self._answer = self._loop.create_future()
        self._transport.write(request)
        return await self._answer

    def close(self) -> None:
        """Close it at once."""
        self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is none by its class

    def connection_lost(self, exc: Exception | None) -> None:
        error = ShardUnavailable("the shard does not answer")
        error.__cause__ = exc
        self._fail(error)

    def data_received(self, data: bytes) -> None:
        if self._answer is None or self._answer.done():
            self.close()  # nobody asked: what follows would pass for the next answer
            return
        self._received += len(data)
        if self._received > MAX_ANSWER_BYTES:
            self._fail(ShardNonsense("the answer is too large"))
            return
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            nonsense = ShardNonsense("the shard does not speak HTTP")
            nonsense.__cause__ = error
            self._fail(nonsense)

    def on_message_begin(self) -> None:
        if self._answer is None or self._answer.done():
            self._keeps_alive = False  # nobody asked

    def on_header(self, name: bytes, value: bytes) -> None:
        if name.lower() == b"retry-after":
            self._retry_after = value.decode("latin-1")

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_message_complete(self) -> None:
        status = self._parser.get_status_code()
        if status < 200 and status != _SWITCHING_PROTOCOLS:
            self._body, self._retry_after = bytearray(), ""
            return  # the answer is still to come
        if self._answer is None or self._answer.done():
            return
        self._keeps_alive = self._parser.should_keep_alive() and status >= 200
        self.last_use = self._loop.time()
        self._answer.set_result(Answer(status, bytes(self._body), self._retry_after))

    def _fail(self, error: Exception) -> None:
        self._keeps_alive = False
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(error)


async def _connect(to: Address) -> _Connection:
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            loop = asyncio.get_running_loop()
            _, connection = await loop.create_connection(_Connection, to.host, to.port)
    except (OSError, TimeoutError) as error:
        raise ShardUnavailable("the shard does not answer") from error
    return connection


def _head(to: Address, method: str, path: str, headers: Mapping[str, str], length: int) -> bytes:
    """Return a request's first line and headers. Raises ShardNonsense: they name its model."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: {to}", f"Content-Length: {length}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    head = "\r\n".join(lines)
    if head.count("\r") != len(lines) - 1 or head.count("\n") != len(lines) - 1:
        raise ShardNonsense("a line break in a header")
    return f"{head}\r\n\r\n".encode("latin-1", "replace")
