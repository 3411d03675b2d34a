"""What the commands that change a chain's model share: its map, its stores, its gateway."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from contract.errors import StoreMapError
from contract.messages.cluster import ClusterStatus
from contract.stores.map_file import MapFile
from contract.stores.map_parser import parse_store_map
from contract.stores.store_map import Store
from facegate.cluster.change_over import ChangeOver
from facegate.cluster.file_replacement import replace_file
from facegate.cluster.option_edit import Value, with_options
from facegate.commands.options import CommandError
from facegate.commands.printing import print_json

if TYPE_CHECKING:
    from facegate.models.model_names import ModelNames

_F = TypeVar("_F", bound=Callable[..., Any])

RESTARTS = "facegate up starts the shards of these stores anew by itself; elsewhere start them anew"


def store_option(command: _F) -> _F:
    """Add `--store`, which stores of the map, to a command."""
    return click.option(
        "--store", "named", multiple=True, help="This store alone; several times for several."
    )(command)


def change_overs(cluster: ClusterStatus | None) -> Mapping[str, ChangeOver]:
    """Return how far the stores are, by their keys."""
    stores = [] if cluster is None else cluster.stores
    return {store.store: ChangeOver.of(store) for store in stores}


class EditedMap:
    """A store map, the stores of it that were named, and the options that they get."""

    def __init__(self, path: Path, named: Sequence[str]) -> None:
        """Read the map in the file `path`; no names are all stores.

        Raises StoreMapError, and UnknownStore for a store that is not there.
        """
        self._path = path.absolute()
        self._raw = MapFile(self._path).read()
        self.map = parse_store_map(self._raw, self._path)
        chosen = [self.map.store(name) for name in named] or self.map.stores.values()
        self.stores: Mapping[str, Store] = {store.id: store for store in chosen}

    def change(self, options: Mapping[str, Mapping[str, Value]]) -> None:
        """Give stores other options. Raises StoreMapError; then the file is as it was."""
        edited = with_options(self._raw, self._path, options)
        if edited == self._raw:
            return
        try:
            replace_file(self._path, edited)
        except OSError as error:
            raise StoreMapError(f"{self._path}: {error.strerror or error}") from error


def served_name(store: Store, change_over: ChangeOver | None, names: "ModelNames") -> str | None:
    """Return the name of the model that a store is served by: what the map, or its shard, says.

    None where neither says it. Raises CommandError when the shard's model has no name here.
    """
    if store.model is not None or change_over is None or change_over.serves is None:
        return store.model
    name = names.name_of(change_over.serves)
    if name is None:
        raise CommandError(
            f"{store.id} serves {change_over.serves}, whose name is not known here: say it in the"
            " map, with the option `model`"
        )
    return name


def say(rows: Sequence[dict[str, Any]], lines: Sequence[str], *, as_json: bool) -> None:
    """Print what became of the stores: `rows` for programs, `lines` for people."""
    if as_json:
        print_json(rows)
        return
    for line in lines:
        click.echo(line)
