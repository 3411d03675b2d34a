"""`facegate members list` and `export`: who the chain's members are."""

from pathlib import Path

import click
from rich.table import Table

from contract.messages.member_table import write_table
from facegate.commands.options import (
    SOME_REFUSED,
    gateway_client,
    json_option,
    output,
    url_option,
)
from facegate.commands.printing import print_json

_CONSENT = {True: "yes", False: "no", None: "as their stores say"}


@click.command("list")
@click.argument("text", required=False)
@click.option("--tag", help="Only those with this tag.")
@url_option
@json_option
def list_members(text: str | None, tag: str | None, url: str, as_json: bool) -> None:
    """List members, those whose name holds TEXT or whose id starts with it."""
    with gateway_client(url) as client:
        found = list(client.members(text, tag=tag))
    if as_json:
        print_json(found)
        return
    names = ("member", "name", "tags", "other stores", "since", "faces", "visits")
    table = Table(*names, title="Members")
    for member in found:
        consent = _CONSENT[member.consent.cross_store]
        faces = ", ".join(f"{face.store}/{face.face_id}" for face in member.faces)
        tags = ", ".join(member.tags)
        row = (member.member_id, member.name or "", tags, consent, member.consent.at or "", faces)
        table.add_row(*row, f"{member.visits.count}")
    output().print(table)


@click.command("export")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), required=False)
@click.option("--member", metavar="ID", help="Everything about this one, as JSON.")
@url_option
@click.pass_context
def export_members(
    context: click.Context, *, file: Path | None, member: str | None, url: str
) -> None:
    """Write all members as CSV to FILE, or to standard output.

    With --member write everything that is known about one member, but for the vectors. Exit code
    1: a store did not answer, and what it has is missing.
    """
    with gateway_client(url) as client:
        if member is None:
            text, complete = write_table(client.members()), True
        else:
            person = client.export_person(member)
            text, complete = person.model_dump_json(indent=2) + "\n", person.complete
    if file is None:
        click.echo(text, nl=False)
    else:
        file.write_text(text, encoding="utf-8", newline="")
    if not complete:
        context.exit(SOME_REFUSED)
