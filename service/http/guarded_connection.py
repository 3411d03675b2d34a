"""HTTP/1.1 as uvicorn speaks it, on connections that cannot take more than their share.

Of what is no body a request has room for `MOST_HEAD_BYTES`, and for as many bytes as its body has:
neither uvicorn nor its parser bounds a head, what is written beside the pieces of a body, what
follows it, or how many requests are sent ahead. What does not keep to it is answered, or closed
where an answer is under way. How long each step may take is the door's to say.
"""

import asyncio
from collections.abc import Iterable
from typing import Any

import httptools
import uvicorn
from fastapi import FastAPI
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol
from uvicorn.server import ServerState

from contract.errors import BadRequest, FacegateError, HeadTooLarge
from service.http.door import Door, holder_of
from service.http.probes_only import ProbesOnly
from service.http.problems import refusal
from service.tls.own_certificate import OwnCertificate

MOST_HEAD_BYTES = 65_536
_MOST_AHEAD = 16
"""Requests that a client may send before the first of them is answered."""
PEER_CERTIFICATE = "peer_certificate"
"""Where the state of a request that came by TLS has what its client has shown and was verified."""
_TOO_LARGE = f"at most {MOST_HEAD_BYTES} bytes beside the body are read"
_USUAL_BACKLOG = 2048
"""Connections that wait for being accepted, as uvicorn has it."""
_CLOSE = (b"connection", b"close")


class GuardedConfig(uvicorn.Config):
    """How uvicorn serves behind a door."""

    def __init__(
        self,
        app: FastAPI,
        door: Door,
        protocol: type[asyncio.Protocol] | None = None,
        tls: OwnCertificate | None = None,
        **options: Any,
    ) -> None:
        """Take uvicorn's own `options`, but for those that say how HTTP is spoken.

        `protocol` is spoken first, as `TlsHandshake` with the certificate `tls` is.
        """
        backlog = min(_USUAL_BACKLOG, door.most // 4 + 1)  # all are accepted before any is refused
        spoken = protocol or GuardedConnection
        super().__init__(app, http=spoken, ws="none", backlog=backlog, **options)
        self.door = door
        self.tls = tls


class GuardedConnection(HttpToolsProtocol):
    """One connection. The callbacks of asyncio and of the parser are called in the loop."""

    # Beside the dictionary of uvicorn's attributes, which is slow where there are more than 30.
    __slots__ = ("_beside_body", "_door", "_has_moved", "_in_body", "_unread", "address")

    def __init__(
        self,
        config: uvicorn.Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        assert isinstance(config, GuardedConfig)
        self._door = config.door
        self._in_body = False
        """Whether a request's head has come, and its body has not."""
        self._beside_body = 0
        """Bytes of the request that came and are no body, less those of its body."""
        self._has_moved = False
        """Whether a head or a body has ended in what came last."""
        self._unread = 0
        """Bytes of answers that the client had not read when it was looked at last."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        super().connection_made(transport)
        self.address = holder_of(self.client)
        if not self._door.enter(self):
            self.app = ProbesOnly(self.app, self._door)
        if self.scheme == "https":
            shown = transport.get_extra_info("peercert") or None
            self.app_state = {**self.app_state, PEER_CERTIFICATE: shown}

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._door.leave(self)

    def turn_out(self) -> None:
        """Close it at once."""
        self.transport.abort()

    def has_read(self) -> bool:
        """Tell whether the client has read some of its answer since it was asked last."""
        before, self._unread = self._unread, self.transport.get_write_buffer_size()
        return self._unread < before

    def data_received(self, data: bytes) -> None:
        if self.transport.is_closing():
            return
        begins = not (self._in_body or self._beside_body)
        self._beside_body += len(data)
        try:
            self._feed(data)
        except FacegateError as error:
            self._refuse(error)
            return
        if begins or self._has_moved:
            self._has_moved = False
            self._wait()

    def _feed(self, data: bytes) -> None:
        """Have what came parsed. Raises BadRequest and HeadTooLarge."""
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            pass  # nothing else is spoken here: the request is answered as if it did not ask
        except httptools.HttpParserError as error:
            reason = error.__context__  # of an error in one of the callbacks below
            if isinstance(reason, FacegateError):
                raise reason from error
            raise BadRequest("this is no HTTP/1.1") from error
        if self._beside_body > MOST_HEAD_BYTES:
            raise HeadTooLarge(_TOO_LARGE)

    def on_headers_complete(self) -> None:
        came = self._beside_body  # some of which may be body
        if came > MOST_HEAD_BYTES and _head_bytes(self.url, self.headers) > MOST_HEAD_BYTES:
            raise HeadTooLarge(_TOO_LARGE)
        if len(self.pipeline) >= _MOST_AHEAD:
            raise BadRequest(f"more than {_MOST_AHEAD} requests before an answer")
        self._in_body = self._has_moved = True
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._beside_body -= 2 * len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._in_body, self._has_moved, self._beside_body = False, True, 0
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """Begin with the next request, or wait for it.

        As uvicorn has it, without a timer for each request: the door looks at all together.
        """
        self.server_state.total_requests += 1
        if not self.transport.is_closing():
            self.flow.resume_reading()
            if self.pipeline:
                self._start_asgi_task(*self.pipeline.pop())
        if not self._in_body:  # who was answered before has no more time for the rest of it
            self._wait()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._wait_for_reader()

    def resume_writing(self) -> None:
        super().resume_writing()
        self._wait()

    def _wait(self) -> None:
        """Tell the door for what is waited, and for how long."""
        if self._in_body:
            self._door.wait_for(self, self._door.patience.body, "slow_body")
        elif self._beside_body:
            self._door.wait_for(self, self._door.patience.head, "slow_head")
        elif self.cycle and not self.cycle.response_complete:
            self._door.serve(self)
        elif self.transport.get_write_buffer_size():
            self._wait_for_reader()
        else:
            self._door.wait_for(self, self._idle_seconds, None)

    @property
    def _idle_seconds(self) -> float:
        """How long to wait for the next request.

        What is encrypted and not sent yet nobody tells: by TLS there is time to read that, too.
        """
        if self.scheme == "https":
            return max(self.timeout_keep_alive, self._door.patience.answer)
        return self.timeout_keep_alive

    def _wait_for_reader(self) -> None:
        self._unread = self.transport.get_write_buffer_size()
        self._door.wait_for(self, self._door.patience.answer, "slow_reader")

    def _refuse(self, error: FacegateError) -> None:
        """Answer what cannot become a request, and close."""
        self._door.met("head_too_large" if isinstance(error, HeadTooLarge) else "malformed")
        if self.cycle and not self.cycle.response_complete:
            self.turn_out()  # the refusal would pass for the answer that is under way
            return
        answer = refusal(error)
        headers = [*self.server_state.default_headers, *answer.raw_headers, _CLOSE]
        lines = [b"%b: %b\r\n" % header for header in headers]
        self.transport.write(
            b"".join([STATUS_LINE[answer.status_code], *lines, b"\r\n", bytes(answer.body)])
        )
        self.transport.close()


def _head_bytes(url: bytes, headers: Iterable[tuple[bytes, bytes]]) -> int:
    """Return about how long a head is, line breaks and all."""
    return len(url) + sum(len(name) + len(value) + 4 for name, value in headers)
