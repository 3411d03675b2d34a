"""How a service runs: uvicorn inside its lifespan, and an exit code for what is wrong."""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from contract.errors import ConfigurationError, StorageError
from service.background import Background
from service.garbage_collection import freeze_loaded_objects
from service.http.guarded_connection import GuardedConfig
from service.http.service_api import ServiceApi
from service.http.tls_handshake import TlsHandshake

EX_CONFIG = 78
GRACEFUL_SECONDS = 10
"""How long requests may go on after a signal to stop."""


@contextmanager
def exit_on_errors(service: str) -> Iterator[None]:
    """End the process with one line: 78 when the configuration is wrong, 1 when storage fails."""
    try:
        yield
    except ConfigurationError as error:
        sys.stderr.write(f"facegate {service}: {error}\n")
        sys.exit(EX_CONFIG)
    except StorageError as error:
        sys.stderr.write(f"facegate {service}: {error}\n")
        sys.exit(1)


def server_config(
    app: ServiceApi, host: str, port: int, *, keep_alive_seconds: int = 5
) -> uvicorn.Config:
    """Return how uvicorn serves `app`, which is guarded, behind its door, by TLS if it has any.

    uvicorn logs nothing itself, and leaves the lifespan to us.
    """
    return GuardedConfig(
        app,
        app.door,
        TlsHandshake if app.tls else None,
        app.tls,
        host=host,
        port=port,
        lifespan="off",
        access_log=False,
        log_config=None,
        server_header=False,
        timeout_keep_alive=keep_alive_seconds,
        timeout_graceful_shutdown=GRACEFUL_SECONDS,
    )


def _as_https(record: logging.LogRecord) -> bool:
    """Have uvicorn's first line say `https`: it does not know that TLS is spoken before it."""
    if isinstance(record.args, tuple) and record.args[:1] == ("http",):
        record.args = ("https", *record.args[1:])
    return True


async def serve(app: ServiceApi, server: uvicorn.Server) -> None:
    """Serve until a signal.

    The lifespan is entered here, so that what it raises comes out as itself. Certificates that are
    renewed meanwhile count at once.
    """
    if app.tls is not None:
        logging.getLogger("uvicorn.error").addFilter(_as_https)
    renewals = {f"{name} certificate": own.follow for name, own in app.certificates.items()}
    async with app.router.lifespan_context(app), Background(renewals):
        freeze_loaded_objects()
        await server.serve()
