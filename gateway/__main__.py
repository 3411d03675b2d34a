"""`python -m gateway`: run one gateway with the settings of the environment."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from service.garbage_collection import no_collections

with no_collections():  # a fifth of the CPU of a start: modules are no garbage
    import uvicorn
    import uvloop

    from gateway.app import create_app
    from gateway.drain import Drain
    from gateway.settings import GatewaySettings
    from service.environment_settings import read_settings
    from service.files.private_files import close_to_others, keep_files_private
    from service.http.server import exit_on_errors, serve, server_config
    from service.http.service_api import ServiceApi
    from service.json_log import set_up_logging
    from service.reach import require_choice


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
    with exit_on_errors("gateway"):
        settings = read_settings(GatewaySettings, **given)
        require_choice(settings.host, settings.keys)
        keep_files_private()
        drain = Drain(settings.drain_seconds)
        app = create_app(settings, drain)
        set_up_logging("gateway", settings.log_level)
        close_to_others(settings.data)
        uvloop.run(serve(app, _server(app, settings, drain)))


def _server(app: ServiceApi, settings: GatewaySettings, drain: Drain) -> DrainingServer:
    keep_alive = settings.keep_alive_seconds
    config = server_config(app, settings.host, settings.port, keep_alive_seconds=keep_alive)
    return DrainingServer(config, drain)


if __name__ == "__main__":
    main()
