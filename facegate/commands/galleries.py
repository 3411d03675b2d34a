"""`facegate stores rename`, `repair` and `group`: a store's key, its gallery, and who serves it."""

import subprocess
import sys
from pathlib import Path

import click

from contract.stores.map_parser import load_store_map
from contract.stores.one_process import by_process
from facegate.cluster.data_folder import lock_folder
from facegate.cluster.store_grouping import grouped_addresses
from facegate.cluster.store_rename import finish_renaming, rename_store
from facegate.commands.model.changing import EditedMap
from facegate.commands.options import SOME_REFUSED, data_option, map_option, output
from facegate.output.plural import pluralize
from service.files.private_files import keep_files_private


@click.command("rename")
@click.argument("old")
@click.argument("new")
@map_option
@data_option
def rename_key(old: str, new: str, stores: Path, data: Path) -> None:
    """Give the store OLD the key NEW: gallery, record and map together, or nothing of it.

    Faces, members, visits and counts stay; comments and order of the map do, too. The cluster must
    be stopped. With the record in PostgreSQL, set FACEGATE_RECORD_URL and stop every gateway.
    """
    keep_files_private()
    with lock_folder(data.resolve()):
        finished = finish_renaming(data.resolve())
        if finished is not None:
            output().print(finished, markup=False)
        rename_store(stores, data.resolve(), old, new)
    done = f"store {old} is {new} now: in {stores}, its gallery and the record"
    output().print(done, markup=False, soft_wrap=True)


@click.command()
@click.argument("store")
@map_option
@data_option
@click.pass_context
def repair(context: click.Context, store: str, stores: Path, data: Path) -> None:
    """Keep what can be read of the damaged gallery of STORE.

    The cluster may run: the store is served again within seconds. The damaged file is kept beside
    the new one. Pictures of the store's folder whose vectors are lost are imported anew.
    """
    places = ["--map", str(stores), "--data", str(data)]
    command = [sys.executable, "-P", "-m", "shard", "--repair", f"--store={store}", *places]
    done = subprocess.run(command, check=False)  # noqa: S603 - this very Python, options by name
    context.exit(SOME_REFUSED if done.returncode else 0)


@click.command()
@click.option(
    "--stores-per-shard",
    "per_shard",
    type=click.IntRange(1, 1000),
    default=50,
    show_default=True,
    help="How many stores a shard may serve; 1 gives each its own again.",
)
@map_option
def group(per_shard: int, stores: Path) -> None:
    """Let shards serve several stores each: write the same address for them into the map.

    Stores that follow each other in the map are put together, where they are on one host and have
    the same model, second_model, detector, index and keep_pictures; those with replicas stay as
    they are. Of a cluster that runs, the shards concerned start anew.
    """
    output().print(group_stores(stores, per_shard), markup=False, soft_wrap=True)


def group_stores(stores: Path, per_shard: int) -> str:
    """Write into a map which stores share a shard, and return how many there are then.

    Raises ConfigurationError for a map that is wrong; then it is left as it is.
    """
    edited = EditedMap(stores, ())
    addresses = grouped_addresses(edited.map, per_shard)
    edited.change({store: {"shards": str(address)} for store, address in addresses.items()})
    shards = by_process(load_store_map(stores).stores.values())
    served = f"{pluralize(len(shards), 'shard')} for {pluralize(len(edited.stores), 'store')}"
    return f"{stores}: {served}"
