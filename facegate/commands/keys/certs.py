"""`facegate certs`: the certificates by which the services of a cluster know each other."""

from pathlib import Path

import click
from rich.table import Table

from contract.stores.address import listening_host
from contract.stores.map_parser import load_store_map
from facegate.cluster.certificate_folder import CertificateFolder
from facegate.commands.options import CommandError, map_option, output
from service.files.private_files import keep_files_private

_LONGEST_DAYS = 825
"""Clients of Apple's trust no certificate for longer."""


def _hosts(
    context: click.Context, parameter: click.Parameter, value: tuple[str, ...]
) -> tuple[str, ...]:
    try:
        return tuple(map(listening_host, value))
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


@click.command()
@map_option
@click.option(
    "--to",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default="certs",
    show_default=True,
    help="The folder of the authority and the certificates.",
)
@click.option(
    "--also", multiple=True, callback=_hosts, help="Another name of all shards; several, again."
)
@click.option(
    "--site",
    multiple=True,
    callback=_hosts,
    help="A name under which the gateway is asked by TLS; several, again.",
)
@click.option(
    "--days",
    type=click.IntRange(1, _LONGEST_DAYS),
    default=90,
    show_default=True,
    help="For how long a certificate is good.",
)
@click.option("--renew", is_flag=True, help="Renew all, not only what is to expire.")
def certs(
    *,
    stores: Path,
    folder: Path,
    also: tuple[str, ...],
    site: tuple[str, ...],
    days: int,
    renew: bool,
) -> None:
    """Make the certificates by which gateway and shards know each other.

    The first time it makes an authority of its own, which it never replaces. Then each shard of the
    map, and the gateway, have a folder with what FACEGATE_CLUSTER_TLS names. Run again, it adds
    what the map has new, and renews what has a third of its time left, with the names that it has;
    services take that up without a restart.
    """
    keep_files_private()
    store_map = load_store_map(stores)
    try:
        issued = CertificateFolder(folder, store_map, also, site).issue(days, renew=renew)
    except OSError as error:
        raise CommandError(f"{folder}: {error}") from error
    table = Table("folder", "names", "expires", "", title=f"Certificates in {folder}")
    for each in issued:
        names = ", ".join(each.names) or "asks the shards"
        table.add_row(each.service, names, f"{each.expires_at:%Y-%m-%d %H:%M} UTC", each.outcome)
    output().print(table)
