"""`facegate up`: the whole cluster on this machine, until Ctrl-C or SIGTERM."""

import time
from pathlib import Path

import click

from contract.stores.address import Address
from facegate.cluster.cluster import POLL_SECONDS, LocalCluster
from facegate.commands.galleries import group_stores
from facegate.commands.interrupt import ending_on_signals
from facegate.commands.options import data_option, listen_option, map_option, progress_bar, remarks
from facegate.commands.start_progress import StartProgress
from service.files.private_files import keep_files_private


@click.command()
@map_option
@data_option
@listen_option
@click.option(
    "--port", type=click.IntRange(1, 65535), default=8000, show_default=True, help="Its port."
)
@click.option(
    "--stores-per-shard",
    "per_shard",
    type=click.IntRange(1, 1000),
    help="Write into the map first that a shard serves so many stores: see `stores group`.",
)
def up(stores: Path, data: Path, host: str, port: int, per_shard: int | None) -> None:
    """Run shards and gateway of a store map on this machine.

    Prints one line, `facegate ready http://…`, when every shard is ready that can be; which is not,
    and why, is said on standard error. A process that dies is started again; an edit of the store
    map takes effect at once. Ctrl-C or SIGTERM stops all.
    """
    keep_files_private()
    if per_shard is not None:
        _say(group_stores(stores, per_shard))
    cluster = LocalCluster(stores, data, Address(host, port), _say)
    with ending_on_signals():
        try:
            cluster.start()
            with progress_bar(remarks()) as bar:
                cluster.wait_ready(StartProgress(bar).show)
            if cluster.asks_for_keys:
                _say(f"sign in at {cluster.url}/ with the key in {cluster.admin_key}")
            click.echo(f"facegate ready {cluster.url}")
            while True:
                time.sleep(POLL_SECONDS)
                cluster.follow()
        finally:
            cluster.stop()


def _say(text: str) -> None:
    click.echo(f"facegate: {text}", err=True)
