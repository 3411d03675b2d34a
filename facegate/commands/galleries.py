"""`facegate stores rename` and `repair`: what lies in a data folder, with the services' code."""

import subprocess
import sys
from pathlib import Path

import click

from facegate.cluster.data_folder import lock_folder
from facegate.cluster.store_rename import finish_renaming, rename_store
from facegate.commands.options import SOME_REFUSED, data_option, map_option, output


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
    places = ["--stores", str(stores), "--data", str(data)]
    command = [sys.executable, "-P", "-m", "shard", "--repair", f"--store={store}", *places]
    done = subprocess.run(command, check=False)  # noqa: S603 - this very Python, options by name
    context.exit(SOME_REFUSED if done.returncode else 0)
