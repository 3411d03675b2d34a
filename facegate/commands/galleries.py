"""`facegate stores repair`: what lies in the data folder, with the shards' own code."""

import subprocess
import sys
from pathlib import Path

import click

from facegate.commands.options import SOME_REFUSED, data_option, map_option


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
