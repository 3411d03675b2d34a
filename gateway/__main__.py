"""`python -m gateway`: run one gateway with the settings of the environment."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

import uvicorn
import uvloop
from fastapi import FastAPI

from contract.errors import ConfigurationError, StorageError
from gateway.app import create_app
from gateway.drain import Drain
from gateway.settings import GatewaySettings
from service.garbage_collection import freeze_loaded_objects
from service.json_log import set_up_logging
from service.settings import read_settings

EX_CONFIG = 78
GRACEFUL_SECONDS = 10


class DrainingServer(uvicorn.Server):
    """Goes on serving until `drain` is over: load balancers learn from `/readyz` to look elsewhere.

    A second signal ends the wait.
    """

    def __init__(self, config: uvicorn.Config, drain: Drain) -> None:
        super().__init__(config)
        self._drain = drain

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to drain at the first signal."""
        if self._drain.begun:
            super().handle_exit(sig, frame)
        self._drain.begin()

    async def on_tick(self, counter: int) -> bool:
        """Return True when it is time to stop."""
        return await super().on_tick(counter) or self._drain.over


def main(arguments: Sequence[str] | None = None) -> None:
    """Run until a signal.

    Exit with one line and 78 when the configuration is wrong, 1 when the record cannot be opened.
    """
    parser = argparse.ArgumentParser(prog="python -m gateway", description=__doc__)
    parser.add_argument("--stores", type=Path, help="the store map (FACEGATE_STORES)")
    parser.add_argument("--data", type=Path, help="folder of the record (FACEGATE_DATA)")
    parser.add_argument("--host", help="where to listen (FACEGATE_HOST)")
    parser.add_argument("--port", type=int, help="where to listen (FACEGATE_PORT)")
    given = vars(parser.parse_args(arguments))
    try:
        settings = read_settings(GatewaySettings, **given)
        drain = Drain(settings.drain_seconds)
        app = create_app(settings, drain)
        set_up_logging("gateway", settings.log_level)
        uvloop.run(_serve(app, settings, drain))
    except ConfigurationError as error:
        sys.stderr.write(f"facegate gateway: {error}\n")
        sys.exit(EX_CONFIG)
    except StorageError as error:
        sys.stderr.write(f"facegate gateway: {error}\n")
        sys.exit(1)


async def _serve(app: FastAPI, settings: GatewaySettings, drain: Drain) -> None:
    """Serve until a signal.

    The lifespan is entered here, so that an error of the record comes out as itself.
    """
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        lifespan="off",
        http="httptools",
        access_log=False,
        log_config=None,
        server_header=False,
        timeout_keep_alive=settings.keep_alive_seconds,
        timeout_graceful_shutdown=GRACEFUL_SECONDS,
    )
    async with app.router.lifespan_context(app):
        freeze_loaded_objects()
        await DrainingServer(config, drain).serve()


if __name__ == "__main__":
    main()
