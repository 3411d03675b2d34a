"""`facegate model progress`: how far the stores have changed over to their second model."""

from collections.abc import Iterable

import click
from rich.markup import escape
from rich.table import Table

from contract.messages.second_model import Agreement, ChangedOver
from facegate.cluster.change_over import ChangeOver
from facegate.commands.model.changing import change_overs
from facegate.commands.options import gateway_client, json_option, output, url_option
from facegate.commands.printing import print_json


@click.command()
@url_option
@json_option
def progress(*, url: str, as_json: bool) -> None:
    """Say how far the stores have changed over to their second model, and what to do next.

    Of members and visitors it says how many the second model knows already. Faces that cameras see
    are searched by both models; `agree` says how often both named the same FaceId, or nobody.
    """
    with gateway_client(url) as client:
        stores = change_overs(client.cluster()).values()
    if as_json:
        print_json([store.described for store in stores])
        return
    output().print(progress_table(stores))
    for store in stores:
        output().print(f"{store.store}: {store.next_step}", markup=False, soft_wrap=True)


def progress_table(stores: Iterable[ChangeOver]) -> Table:
    """Return a table with a row for each store."""
    table = Table("store", "serves", "second", "members", "visitors", "pictures left", "agree")
    for heading in ("only the served", "only the second", "two FaceIds"):
        table.add_column(heading, justify="right")
    for store in stores:
        table.add_row(*map(escape, _row(store)))
    return table


def _row(store: ChangeOver) -> list[str]:
    serves, second = store.serves or "", store.second
    if second is None:
        return [store.store, serves, "", "", "", "", "", "", "", ""]
    counts = second.agreement
    differences = [counts.first_only, counts.second_only, counts.different]
    people = [_share(second.members), _share(second.visitors), f"{second.pictures_left}"]
    row = [store.store, serves, second.model, *people, _agree(counts)]
    return [*row, *(f"{number}" for number in differences)]


def _share(people: ChangedOver) -> str:
    return f"{people.changed} of {people.of}"


def _agree(counts: Agreement) -> str:
    if not counts.compared:
        return ""
    share = (counts.same + counts.both_unknown) / counts.compared
    return f"{share:.1%} of {counts.compared}"
