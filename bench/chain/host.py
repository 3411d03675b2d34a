"""`python -m bench.chain.host`: shards whose pictures are vectors, so that nothing is encoded.

Each argument is one shard: a store, or several with commas between. Many shards of one store each
in a process of their own would need more memory than a machine for benchmarks has; what they cost
is counted all the same.
"""

import asyncio
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack

import uvloop
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bench.chain.people import SCALE
from bench.shard_server import server_of
from contract.vectors import unpack
from encoder import Face, FaceBox
from service.garbage_collection import freeze_loaded_objects
from service.json_log import set_up_logging
from shard.app import create_app
from shard.served_stores import served_stores
from shard.settings import ShardSettings
from tests.shard.fakes import CLEAR, FakeEncoder

TRAFFIC = "/traffic-of-searches"


class _VectorEncoder(FakeEncoder):
    """Takes a picture for the vectors that it is."""

    def __init__(self) -> None:
        super().__init__(SCALE.model, SCALE.cohort.faces.shape[1])

    def faces_in(self, picture: bytes, to_enroll: bool) -> list[Face]:
        box = FaceBox(0, 100, 100, 0)
        vectors = unpack(picture, self.dimension)
        return [Face(box, vector, confidence=1.0, quality=CLEAR) for vector in vectors]


class _Traffic:
    """Counts the searches of an app, and their bytes without headers; TRAFFIC tells them."""

    requests, sent = 0, 0

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        if path == TRAFFIC:
            body = f"{_Traffic.requests} {_Traffic.sent}".encode()
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": body})
        elif path.startswith("/search"):
            _Traffic.requests += 1
            _Traffic.sent += len(path) + len(scope["query_string"])
            await self._app(scope, _counted(receive), _counting(send))
        else:
            await self._app(scope, receive, send)


def _counted(receive: Receive) -> Receive:
    async def take() -> Message:
        message = await receive()
        _Traffic.sent += len(message.get("body", b""))
        return message

    return take


def _counting(send: Send) -> Send:
    async def give(message: Message) -> None:
        _Traffic.sent += len(message.get("body", b""))
        await send(message)

    return give


async def serve(shards: Sequence[str]) -> None:
    """Serve these shards until the process is killed."""
    async with AsyncExitStack() as stack:
        servers = []
        for stores in shards:
            settings = ShardSettings(store=(stores,))
            served = served_stores(settings)
            app = create_app(settings, served, _VectorEncoder())
            await stack.enter_async_context(app.router.lifespan_context(app))
            servers.append(server_of(_Traffic(app), served[0].shards[0].port))
        freeze_loaded_objects()
        await asyncio.gather(*(server.serve() for server in servers))


if __name__ == "__main__":
    set_up_logging("shards", "INFO")
    uvloop.run(serve(sys.argv[1:]))
