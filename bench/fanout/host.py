"""A process with many shards: the real service of each on its own socket, one encoder for all.

A hundred processes would fit no small machine; the shards' searches stay as they are.
"""

import argparse
import asyncio
import gc
from collections.abc import Sequence
from contextlib import AsyncExitStack

import uvloop

from bench.fanout.shared_encoder import SharedEncoder
from bench.shard_server import server_of
from encoder import EncoderPool
from service.json_log import set_up_logging
from shard.app import create_app
from shard.served_stores import served_stores
from shard.settings import ShardSettings

QUEUE = 1000
"""The naive way sends one picture to every store at once: none of them may be refused."""


async def serve(stores: Sequence[str], remember: bool) -> None:
    """Serve the shards of `stores` until the process is killed."""
    async with AsyncExitStack() as stack:
        pool = EncoderPool(queue=QUEUE)
        stack.push_async_callback(pool.close)
        await pool.start()
        encoder = SharedEncoder(pool, remember)
        servers = []
        for store in stores:
            # One after the other: Alembic, which opens galleries, works once a process at a time.
            settings = ShardSettings(store=(store,))
            served = served_stores(settings)
            app = create_app(settings, served, encoder)
            await stack.enter_async_context(app.router.lifespan_context(app))
            servers.append(server_of(app, served[0].shards[0].port))
        # A full collection walks fifty applications here, one in a real shard: left as they are.
        gc.freeze()
        await asyncio.gather(*(server.serve() for server in servers))


def main() -> None:
    """Serve the stores named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--remember", action="store_true", help="encode the first picture only")
    parser.add_argument("stores", nargs="+")
    given = parser.parse_args()
    set_up_logging("shards", "INFO")
    uvloop.run(serve(given.stores, given.remember))


if __name__ == "__main__":
    main()
