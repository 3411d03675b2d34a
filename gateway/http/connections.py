"""HTTP/1.1 on connections that are kept: how the gateway asks others, and nothing else.

A general client costs several times the CPU, and gives whoever answers as much of it as they like:
with aiohttp, three million interim answers hold the event loop for seconds. Here all but the body
of an answer has room for `MOST_HEAD_BYTES`, and what comes is parsed in pieces of that size.
"""

import asyncio
import ssl
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple, cast

import httptools

MOST_HEAD_BYTES = 32_000
"""Of an answer without its body: interim answers, headers, what frames the pieces of a body."""
_SWITCHING_PROTOCOLS = 101


class Unanswered(Exception):
    """The connection ended before the answer did."""


class NoConnection(Unanswered):
    """Nobody could be reached, or nobody whose certificate is trusted."""


class NotTrusted(NoConnection):
    """Whoever answers is not trusted, or does not trust us; the text says why."""


class NotHttp(Exception):
    """What came, or what was to be sent, is no HTTP, or too much of it; the text says what."""


class Origin(NamedTuple):
    """Whom to ask. `str()` gives it as the header `Host` has it."""

    host: str
    port: int
    is_secure: bool = False

    @property
    def certified_name(self) -> str:
        """The host as its certificate has it: without an interface, and the dot at its end."""
        return self.host.partition("%")[0].rstrip(".")

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        usual = 443 if self.is_secure else 80
        return host if self.port == usual else f"{host}:{self.port}"


class Answer(NamedTuple):
    """What was answered. The body is empty where the head alone is wanted."""

    status: int
    body: bytes
    retry_after: str


@dataclass(frozen=True)
class Limits:
    """What whoever answers may take, and how long a connection is kept for the next request."""

    connect_seconds: float
    keep_alive_seconds: float
    answer_bytes: int
    """The whole answer, head and body."""
    head_alone: bool = False
    """The head is the answer: nobody waits for the body."""


class Connections:
    """Connections to many, one request at a time on each. Redirects are answers like others.

    For the event loop's thread alone.
    """

    def __init__(self, limits: Limits, tls: Callable[[], ssl.SSLContext] | None = None) -> None:
        """Keep to `limits`; `tls` says what each connection to a secure origin is made with."""
        self._limits = limits
        self._tls = tls
        self._idle: defaultdict[Origin, list[_Connection]] = defaultdict(list)

    def close(self) -> None:
        """Close the connections that nobody uses; the others end with their requests."""
        for connections in self._idle.values():
            for connection in connections:
                connection.close()
        self._idle.clear()

    async def ask(
        self, to: Origin, method: str, path: str, headers: Mapping[str, str], body: bytes
    ) -> Answer:
        """Send a request and return the answer, whatever its status.

        Raises Unanswered and NotHttp. Whoever gives up waiting cancels it.
        """
        request = _head(to, method, path, headers, len(body)) + body
        connection = self._kept(to) or await self._connect(to)
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

    def _kept(self, to: Origin) -> "_Connection | None":
        """Return the connection that was used last, if one can still be used."""
        connections = self._idle[to]
        oldest = asyncio.get_running_loop().time() - self._limits.keep_alive_seconds
        while connections:
            connection = connections.pop()
            if connection.is_usable and connection.last_use > oldest:
                return connection
            connection.close()
        return None

    async def _connect(self, to: Origin) -> "_Connection":
        loop = asyncio.get_running_loop()
        if to.is_secure and self._tls is None:
            raise NoConnection(f"there is no TLS for {to}")
        tls = self._tls() if self._tls and to.is_secure else None
        try:
            async with asyncio.timeout(self._limits.connect_seconds):
                _, connection = await loop.create_connection(
                    lambda: _Connection(self._limits),
                    to.host,
                    to.port,
                    ssl=tls,
                    server_hostname=to.certified_name if tls else None,
                )
        except ssl.SSLError as error:
            raise NotTrusted(getattr(error, "verify_message", error.reason)) from error
        except (OSError, TimeoutError, UnicodeError) as error:  # UnicodeError: no name of a host
            raise NoConnection(f"{to} cannot be reached") from error
        return connection


class _Connection(asyncio.Protocol):
    """One connection; the callbacks of asyncio and of the parser are called in the loop."""

    _transport: asyncio.Transport
    _parser: httptools.HttpResponseParser

    def __init__(self, limits: Limits) -> None:
        self.last_use = 0.0
        self._limits = limits
        self._loop = asyncio.get_running_loop()
        self._answer: asyncio.Future[Answer] | None = None
        self._body = bytearray()
        self._retry_after = ""
        self._received = 0
        self._is_whole = False
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
        self._is_whole = self._keeps_alive = False
        self._answer = self._loop.create_future()
        self._transport.write(request)
        return await self._answer

    def close(self) -> None:
        """Close it at once."""
        self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is none by its class

    def connection_lost(self, exc: Exception | None) -> None:
        error = self._ended_untrusted(exc) or Unanswered("the connection ended")
        error.__cause__ = exc
        self._fail(error)

    def _ended_untrusted(self, exc: Exception | None) -> NotTrusted | None:
        """Return what to think of the end of a connection by TLS on which nothing was answered.

        By TLS 1.3 we learn only then that the other one does not trust us.
        """
        if self.last_use or self._transport.get_extra_info("sslcontext") is None:
            return None
        said = f" ({exc.reason})" if isinstance(exc, ssl.SSLError) else ""
        return NotTrusted(f"it ended the connection instead of answering{said}")

    def data_received(self, data: bytes) -> None:
        for start in range(0, len(data), MOST_HEAD_BYTES):
            if self._answer is None or self._answer.done():
                self.close()  # nobody asked: what follows would pass for the next answer
                return
            self._feed(data[start : start + MOST_HEAD_BYTES])

    def _feed(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            nonsense = NotHttp("the answer is no HTTP")
            nonsense.__cause__ = error
            self._fail(nonsense)
            return
        self._received += len(data)
        if self._received > self._limits.answer_bytes:
            self._fail(NotHttp("the answer is too large"))
        elif self._received - len(self._body) > MOST_HEAD_BYTES:
            self._fail(NotHttp("the answer is too large, its body aside"))

    def on_message_begin(self) -> None:
        if self._is_whole:
            self._keeps_alive = False  # nobody asked

    def on_header(self, name: bytes, value: bytes) -> None:
        if name.lower() == b"retry-after":
            self._retry_after = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        if self._limits.head_alone and not self._is_interim:
            self._settle()

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_message_complete(self) -> None:
        if self._is_interim:
            self._body, self._retry_after = bytearray(), ""
            return  # the answer is still to come
        if self._is_whole:
            return  # nobody asked
        self._is_whole = True
        self._keeps_alive = self._parser.should_keep_alive() and self._status >= 200
        self.last_use = self._loop.time()
        self._settle()

    @property
    def _status(self) -> int:
        return self._parser.get_status_code()

    @property
    def _is_interim(self) -> bool:
        return self._status < 200 and self._status != _SWITCHING_PROTOCOLS

    def _settle(self) -> None:
        if self._answer is not None and not self._answer.done():
            body = b"" if self._limits.head_alone else bytes(self._body)
            self._answer.set_result(Answer(self._status, body, self._retry_after))

    def _fail(self, error: Exception) -> None:
        self._keeps_alive = False
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(error)


def _head(to: Origin, method: str, path: str, headers: Mapping[str, str], length: int) -> bytes:
    """Return a request's first line and headers. Raises NotHttp where one would be two."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: {to}", f"Content-Length: {length}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    head = "\r\n".join(lines)
    if head.count("\r") != len(lines) - 1 or head.count("\n") != len(lines) - 1:
        raise NotHttp("a line break in a header")
    return f"{head}\r\n\r\n".encode("latin-1", "replace")
