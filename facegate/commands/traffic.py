"""`facegate traffic [STORE]`: how many came."""

import csv
import sys

import click
from rich.table import Table

from contract.messages.traffic import EarlierFootfall, Estimate, Footfall, TrafficAnswer
from contract.messages.traffic_table import COLUMNS, COUNTED, cells
from facegate.client.calls.footfall import By
from facegate.commands.options import gateway_client, json_option, output, url_option
from facegate.commands.printing import print_json


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
@click.option(
    "--against",
    type=click.IntRange(1, 3660),
    metavar="DAYS",
    help="Say below the table how many came so many days before, up to the same time.",
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
    against: int | None,
    as_csv: bool,
    url: str,
    as_json: bool,
) -> None:
    """Show how many came to STORE, by its own clock; without STORE, to the whole chain.

    pv are visits, uv distinct visitors as they were told apart, members visits of people who are
    enrolled, with a profile or without one. Below the table is how many visitors there were with
    the measured rates of missing and of confusing people. docs/visits.md defines every number.
    """
    with gateway_client(url) as client:
        found = client.traffic(store, by=by, start=start, end=end, against=against)
    if as_json:
        print_json(found)
    elif as_csv:
        writer = csv.writer(sys.stdout)
        writer.writerow(COLUMNS)
        writer.writerows(map(cells, found.rows))
    else:
        output().print(_table(found))
        if found.uv_estimate is not None and found.pv:
            output().print(_estimated(found.uv_estimate))
        if found.earlier is not None:
            output().print(_comparison(found, found.earlier, against))


def _table(found: TrafficAnswer) -> Table:
    table = Table(_clock(found), title=_title(found), show_footer=True)
    table.columns[0].footer = "so far" if found.so_far else "all"
    for name, value in zip(COUNTED, _texts(found), strict=True):
        table.add_column(name, value, justify="right")
    for row in found.rows:
        start = f"{row.start}, so far" if row.state == "so far" else row.start
        table.add_row(start, *([] if row.state == "to come" else _texts(row)))
    return table


def _title(found: TrafficAnswer) -> str:
    """Return whose visits they are, and until when where they are not over."""
    title = f"Visits to {found.store or 'the chain'}"
    if not found.so_far:
        return title
    return f"{title} so far" + (f", until {found.counted_until}" if found.counted_until else "")


def _comparison(found: TrafficAnswer, earlier: EarlierFootfall, days: int | None) -> str:
    """Return how many came before, and by how much that is more or less."""
    when = f"{days} days before" + (", up to the same time" if found.so_far else "")
    change = f" ({(found.pv - earlier.pv) / earlier.pv:+.0%} visits now)" if earlier.pv else ""
    return f"{when}: {earlier.pv} visits, {earlier.uv} visitors{change}"


def _clock(found: TrafficAnswer) -> str:
    """Return what a row is, and by which clock."""
    return f"{found.by} ({found.timezone})" if found.timezone else found.by


def _estimated(uv: Estimate) -> str:
    """Return how many visitors there really were, as far as can be told."""
    return f"visitors, estimated: {uv.value}, in 95 of 100 cases {uv.low} to {uv.high}"


def _texts(counts: Footfall) -> list[str]:
    values = (getattr(counts, name) for name in COUNTED)
    return ["" if value is None else f"{value}" for value in values]
