"""`facegate traffic [STORE]`: how many came."""

import csv
import sys

import click
from rich.table import Table

from contract.messages import Footfall, TrafficAnswer
from facegate.client import By, Client
from facegate.commands.options import json_option, output, url_option
from facegate.commands.printing import print_json

_COLUMNS = ("pv", "uv", "new", "returning", "roaming", "members", "dwell_s")


@click.command()
@click.argument("store", required=False)
@click.option("--by", type=click.Choice(["hour", "day", "week"]), default="day", show_default=True)
@click.option(
    "--from",
    "start",
    metavar="DATE",
    help="First day or hour.  [default: the last 24 hours, 30 days or 12 weeks, as --by says]",
)
@click.option(
    "--to",
    "end",
    metavar="DATE",
    help="The day or hour after the last.  [default: the one that is under way is the last]",
)
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV for spreadsheets.")
@url_option
@json_option
def traffic(
    *,
    store: str | None,
    by: By,
    start: str | None,
    end: str | None,
    as_csv: bool,
    url: str,
    as_json: bool,
) -> None:
    """Show how many came to STORE, by its own clock; without STORE, to the whole chain.

    pv are visits, uv distinct visitors. docs/visits.md defines every number.
    """
    with Client(url) as client:
        found = client.traffic(store, by=by, start=start, end=end)
    if as_json:
        print_json(found)
    elif as_csv:
        writer = csv.writer(sys.stdout)
        writer.writerow(("start", *_COLUMNS))
        writer.writerows((row.start, *_values(row)) for row in found.rows)
    else:
        output().print(_table(found))


def _table(found: TrafficAnswer) -> Table:
    where = found.store or "the chain"
    table = Table(_clock(found), title=f"Visits to {where}", show_footer=True)
    table.columns[0].footer = "all"
    for name, value in zip(_COLUMNS, _shown(found), strict=True):
        table.add_column(name, value, justify="right")
    for row in found.rows:
        table.add_row(row.start, *(_shown(row) if row.pv else []))
    return table


def _clock(found: TrafficAnswer) -> str:
    """Return what a row is, and by which clock."""
    return f"{found.by} ({found.timezone})" if found.timezone else found.by


def _values(counts: Footfall) -> list[float | None]:
    return [getattr(counts, name) for name in _COLUMNS]


def _shown(counts: Footfall) -> list[str]:
    return ["" if value is None else f"{value:g}" for value in _values(counts)]
