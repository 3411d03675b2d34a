"""What the commands share that watch cameras."""

import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

import click

from contract.stores.address import Address
from facegate.camera.agent import CameraAgent
from facegate.camera.agent_metrics import AgentMetrics
from facegate.camera.agent_plan import SPOOL_BYTES
from facegate.camera.outgoing.left_pictures import LeftPictures
from facegate.commands.options import CommandError, json_option, url_option

LEAVING_SECONDS = 2.0
"""How long a gateway that is away is waited for after Ctrl-C."""

_F = TypeVar("_F", bound=Callable[..., Any])


def agent_options(command: _F) -> _F:
    """Add what says where pictures wait and go, and how the agent speaks."""
    for option in (
        json_option,
        click.option(
            "--metrics",
            metavar="HOST:PORT",
            help="Serve /metrics there, as in 127.0.0.1:9110.",
        ),
        click.option(
            "--spool-mb",
            type=click.IntRange(1),
            default=SPOOL_BYTES // 1_000_000,
            show_default=True,
            help="Megabytes that may wait for each camera; then the oldest go.",
        ),
        click.option(
            "--spool",
            type=click.Path(path_type=Path, file_okay=False),
            default="data/spool",
            show_default=True,
            help="The folder where pictures wait while the gateway is away.",
        ),
        url_option,
    ):
        command = option(command)
    return command


def agent_writer(as_json: bool) -> Callable[[str], None]:
    """Return what prints the lines of agents: JSON is the output, text a remark."""
    stream = sys.stdout if as_json else sys.stderr

    def write(line: str) -> None:
        click.echo(line, stream)

    return write


def serve_metrics(
    where: str | None,
    agents: Callable[[], Iterable[CameraAgent]],
    left: Callable[[], Iterable[LeftPictures]] = tuple,
) -> None:
    """Serve the counts of `agents`, and of what is `left`, at an address, if one is given."""
    if where is None:
        return
    try:
        address = Address.parse(where)
        AgentMetrics(agents, left).serve(address.host, address.port)
    except (ValueError, OSError) as error:
        raise CommandError(f"--metrics {where}: {error}") from error
