"""A group of commands of which each is imported when it is called, or listed.

To import all of them takes longer than most of them do.
"""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click


class LazyGroup(click.Group):
    """Knows where its subcommands are in this folder: `module:name` by what users call them."""

    def __init__(self, *arguments: Any, subcommands: Mapping[str, str], **given: Any) -> None:
        """Take the places of the `subcommands`; the rest is for `click.Group`."""
        super().__init__(*arguments, **given)
        self._places = subcommands

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return what users call the commands, in order."""
        return sorted(self._places)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command; None: there is none of that name."""
        place = self._places.get(cmd_name)
        if place is None:
            return None
        module, _, name = place.partition(":")
        command: click.Command = getattr(import_module(f".{module}", __package__), name)
        return command
