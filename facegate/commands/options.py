"""What the commands share: options, exit codes, and where they print.

Results go to standard output, progress and remarks to standard error.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn

from contract.stores.address import listening_host
from facegate.client.client import DEFAULT_URL, RETRY_SECONDS, Client
from facegate.client.known_key import known_key

OK, SOME_REFUSED, UNREACHABLE, INTERRUPTED = 0, 1, 3, 130
"""Exit codes of every command; click's own for wrong usage is 2."""
PLAIN_WIDTH = 140
"""Columns of a table that goes to a file or a pipe."""

_F = TypeVar("_F", bound=Callable[..., Any])


class CommandError(click.ClickException):
    """Ends the command with a line on standard error and exit code 1."""

    exit_code = SOME_REFUSED

    def show(self, file: Any = None) -> None:
        click.echo(f"facegate: {self.message}", err=True)


class NoAnswer(CommandError):
    """The gateway does not answer: exit code 3."""

    exit_code = UNREACHABLE


def url_option(command: _F) -> _F:
    """Add `--url` to a command."""
    return click.option(
        "--url",
        envvar="FACEGATE_URL",
        default=DEFAULT_URL,
        show_default=True,
        show_envvar=True,
        callback=http_url,
        help="The gateway.",
    )(command)


def gateway_client(
    url: str, *, timeout: float = 30.0, retry_seconds: float = RETRY_SECONDS
) -> Client:
    """Return a client of the gateway at `url` that brings the key which there is for it."""
    return Client(url, key=known_key(url), timeout=timeout, retry_seconds=retry_seconds)


def map_option(command: _F) -> _F:
    """Add `--stores`, the file of the store map, to a command."""
    return click.option(
        "--stores",
        type=click.Path(path_type=Path),
        default="stores.yaml",
        show_default=True,
        help="The store map.",
    )(command)


def data_option(command: _F) -> _F:
    """Add `--data`, the folder of `facegate up`, to a command."""
    return click.option(
        "--data",
        type=click.Path(path_type=Path, file_okay=False),
        default="data",
        show_default=True,
        help="The folder of galleries, record and logs.",
    )(command)


def listen_option(command: _F) -> _F:
    """Add `--host`, where to listen, to a command."""
    return click.option(
        "--host",
        default="127.0.0.1",
        show_default=True,
        callback=_host,
        help="Where the gateway listens: 0.0.0.0 is every IPv4 address, :: every IPv6 address.",
    )(command)


def _host(context: click.Context, parameter: click.Parameter, value: str) -> str:
    try:
        return listening_host(value)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


def json_option(command: _F) -> _F:
    """Add `--json` to a command."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")(command)


def http_url(context: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    """Refuse what is not a URL, as a click callback."""
    if value is not None and not value.startswith(("http://", "https://")):
        raise click.BadParameter(f"{value!r} does not start with http:// or https://")
    return value


def output() -> Console:
    """Return the console for results; a table in a pipe is not squeezed to 80 columns."""
    return Console(width=None if sys.stdout.isatty() else PLAIN_WIDTH, highlight=False)


def remarks() -> Console:
    """Return the console for progress and remarks."""
    return Console(stderr=True, highlight=False)


def progress_bar(console: Console) -> Progress:
    """Return a progress bar that leaves no trace where nobody watches it."""
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        console=console,
        disable=not console.is_terminal,
    )
