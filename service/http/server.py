"""How a service runs: uvicorn inside its lifespan, and an exit code for what is wrong."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI

from contract.errors import ConfigurationError, StorageError
from service.garbage_collection import freeze_loaded_objects

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
    app: FastAPI, host: str, port: int, *, keep_alive_seconds: int = 5
) -> uvicorn.Config:
    """Return how uvicorn serves `app`: it logs nothing itself, and leaves the lifespan to us."""
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        lifespan="off",
        http="httptools",
        access_log=False,
        log_config=None,
        server_header=False,
        timeout_keep_alive=keep_alive_seconds,
        timeout_graceful_shutdown=GRACEFUL_SECONDS,
    )


async def serve(app: FastAPI, server: uvicorn.Server) -> None:
    """Serve until a signal.

    The lifespan is entered here, so that what it raises comes out as itself.
    """
    async with app.router.lifespan_context(app):
        freeze_loaded_objects()
        await server.serve()
