"""What the commands of `facegate model` share."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

_F = TypeVar("_F", bound=Callable[..., Any])


def models_option(command: _F) -> _F:
    """Add `--models`, the folder of the models, to a command."""
    return click.option(
        "--models",
        type=click.Path(path_type=Path, file_okay=False),
        envvar="FACEGATE_MODELS",
        default="models",
        show_default=True,
        show_envvar=True,
        help="The folder of the models.",
    )(command)


def detector_option(command: _F) -> _F:
    """Add `--detector` to a command: the name is that of a detector."""
    return click.option("--detector", is_flag=True, help="NAME is that of a detector.")(command)
