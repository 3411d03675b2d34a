"""A server for one of several shards in a process; their lifespans are entered elsewhere."""

import uvicorn
from starlette.types import ASGIApp


def server_of(app: ASGIApp, port: int) -> uvicorn.Server:
    """Return a server on loopback, as a shard by itself has it."""
    return uvicorn.Server(
        uvicorn.Config(
            app,
            port=port,
            lifespan="off",
            http="httptools",
            access_log=False,
            log_config=None,
            server_header=False,
        )
    )
