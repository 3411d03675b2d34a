"""What is before HTTP on a connection with TLS, which has a place behind the door like any other.

uvicorn counts no connection before its handshake is over, and asyncio waits a minute for that: who
never ends one would take a descriptor that nobody knows of.
"""

import asyncio
import os
import socket
import ssl
from collections.abc import Callable
from typing import Any

from uvicorn.protocols.utils import get_remote_addr
from uvicorn.server import ServerState

from service.http.door import holder_of
from service.http.guarded_connection import GuardedConfig, GuardedConnection


class TlsHandshake(asyncio.Protocol):
    """A new connection until hands are shaken. Called in the event loop.

    Its socket goes on under TLS as one that was accepted just now: by `start_tls` uvloop loses what
    comes before that has begun.
    """

    def __init__(
        self,
        config: GuardedConfig,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        self._config = config
        self._door = config.door
        self._connections = server_state.connections
        self._http = GuardedConnection(config, server_state, app_state, _loop)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        self.address = holder_of(get_remote_addr(transport))
        accepted = transport.get_extra_info("socket")
        try:
            self._socket = socket.socket(fileno=os.dup(accepted.fileno()))
        except OSError:  # there is no descriptor left
            self._door.met("full")
            return
        finally:
            transport.abort()
        self._connections.add(self)  # type: ignore[arg-type]  # of which uvicorn wants `shutdown`
        self._shaking = asyncio.get_running_loop().create_task(self._shake_hands())
        self._shaking.add_done_callback(self._ended)
        self._door.enter(self)
        self._door.wait_for(self, self._door.patience.head, "handshake")

    def turn_out(self) -> None:
        """Close it at once."""
        self._shaking.cancel()

    def has_read(self) -> bool:
        """Say no: who shakes hands is sent no answer."""
        return False

    def shutdown(self) -> None:
        """Close it, as the server ends."""
        self.turn_out()

    async def _shake_hands(self) -> None:
        tls = self._config.tls
        assert tls is not None, "there is a certificate"
        await asyncio.get_running_loop().connect_accepted_socket(
            lambda: _Secured(self._http, self._leave), self._socket, ssl=tls.context
        )

    def _leave(self) -> None:
        if self in self._connections:
            self._connections.discard(self)
            self._door.leave(self)

    def _ended(self, shaking: asyncio.Task[None]) -> None:
        self._leave()
        error = None if shaking.cancelled() else shaking.exception()
        if error is not None or shaking.cancelled():
            self._socket.close()  # of one that was not begun; else it is closed already
        if isinstance(error, ssl.SSLError):
            is_refused = isinstance(error, ssl.SSLCertVerificationError)
            self._door.met("certificate" if is_refused else "handshake")


class _Secured(asyncio.Protocol):
    """Gives HTTP the connection in the place of its handshake."""

    def __init__(self, http: GuardedConnection, leave: Callable[[], None]) -> None:
        self._http = http
        self._leave = leave

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        self._leave()
        transport.set_protocol(self._http)
        self._http.connection_made(transport)
