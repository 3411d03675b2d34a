"""`facegate erase` and `facegate members erasures`: erasing for good, and the receipts."""

import click
from rich.table import Table

from contract.messages.erasures import ErasureReceipt, ErasureSummary
from facegate.commands.options import (
    SOME_REFUSED,
    gateway_client,
    json_option,
    output,
    url_option,
)
from facegate.commands.printing import print_json


@click.command()
@click.argument("member_id")
@click.confirmation_option(prompt="Erase this member in every store, for good?")
@url_option
@json_option
@click.pass_context
def erase(context: click.Context, *, member_id: str, url: str, as_json: bool) -> None:
    """Erase MEMBER_ID everywhere: profile, vectors, and who came in visits.

    Prints the receipt. Exit code 1: some shard has not confirmed yet; it will get the order.
    """
    with gateway_client(url) as client:
        receipt = client.erase_member(member_id)
    if as_json:
        print_json(receipt)
    else:
        _show(receipt)
    if not receipt.complete:
        context.exit(SOME_REFUSED)


@click.command("erasures")
@click.option("--member", "member_id", metavar="ID", help="Only those of this member.")
@click.option("--store", help="Only those that this store confirms.")
@click.option("--face", "face_id", metavar="ID", help="Only those of this FaceId.")
@click.option("--open", "only_open", is_flag=True, help="Only those that are not complete yet.")
@url_option
@json_option
def list_erasures(
    *,
    member_id: str | None,
    store: str | None,
    face_id: str | None,
    only_open: bool,
    url: str,
    as_json: bool,
) -> None:
    """List erasures, the last first, and the stores that have yet to confirm them."""
    with gateway_client(url) as client:
        found = list(
            client.erasures(
                member_id=member_id,
                store=store,
                face_id=face_id,
                complete=False if only_open else None,
            )
        )
    if as_json:
        print_json(found)
        return
    table = Table("erasure", "cause", "member", "asked for", "complete", title="Erasures")
    for erasure in found:
        row = (erasure.erasure, erasure.cause, erasure.member_id or "", erasure.requested_at)
        table.add_row(*row, _completion(erasure))
    output().print(table)


def _completion(erasure: ErasureSummary) -> str:
    return erasure.completed_at or f"waits for {', '.join(erasure.waiting_for)}"


def _show(receipt: ErasureReceipt) -> None:
    state = "complete" if receipt.complete else "not complete yet"
    table = Table("store", "confirmed", "FaceIds", title=f"Erasure {receipt.erasure}: {state}")
    for part in receipt.stores:
        said = part.confirmed_at if part.confirmed else f"waits for {part.waiting_for}"
        faces = ", ".join(f"{face.face_id} ({face.templates})" for face in part.faces)
        table.add_row(part.store, said, faces)
    output().print(table)
