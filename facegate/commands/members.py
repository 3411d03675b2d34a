"""`facegate members …` and `facegate erase`: who the chain's members are."""

from pathlib import Path

import click
from rich.table import Table

from contract.errors import BadText
from contract.messages.erasures import ErasureReceipt, ErasureSummary
from contract.messages.member_table import ImportReport, RefusedLine, write_table
from contract.text.csv_text import BrokenRow, decoded, rows_of, written
from facegate.commands.options import (
    SOME_REFUSED,
    CommandError,
    gateway_client,
    json_option,
    output,
    progress_bar,
    remarks,
    url_option,
)
from facegate.commands.printing import print_json

_AT_ONCE = 100
"""Lines that one request brings."""
_CONSENT = {True: "yes", False: "no", None: "as their stores say"}


@click.group()
def members() -> None:
    """List, import and export members."""


@members.command("list")
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
    table = Table("member", "name", "tags", "other stores", "faces", "visits", title="Members")
    for member in found:
        consent = _CONSENT[member.consent.cross_store]
        faces = ", ".join(f"{face.store}/{face.face_id}" for face in member.faces)
        tags = ", ".join(member.tags)
        row = (member.member_id, member.name or "", tags, consent, faces)
        table.add_row(*row, f"{member.visits.count}")
    output().print(table)


@members.command("export")
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


@members.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--refused",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the lines that were left out to this file, to be mended.",
)
@url_option
@json_option
@click.pass_context
def import_members(
    context: click.Context, *, file: Path, refused: Path | None, url: str, as_json: bool
) -> None:
    """Write the members of a CSV FILE.

    Its first line names the columns: member_id, name, tags, cross_store, profile, faces. A line
    that is wrong is named with its number and left out; the others are taken.
    """
    head, rows = _read(file)
    total, done = ImportReport(), 0
    with gateway_client(url) as client, progress_bar(remarks()) as bar:
        task = bar.add_task(f"importing {file.name}", total=len(rows))
        while done < max(1, len(rows)):
            piece = rows[done : done + _AT_ONCE]
            report = client.import_members(written([head, *piece]))
            taken = len(piece) if report.next_line is None else report.next_line - 2
            if piece and not taken:
                raise CommandError(f"line {done + 2}: {report.stopped}")
            total = _plus(total, report, done)
            done += max(1, taken)
            bar.update(task, completed=done)
    if refused is not None and total.refused:
        left_out = [rows[line.line - 2] for line in total.refused]
        refused.write_text(written([head, *left_out]), encoding="utf-8", newline="")
    _report(total, as_json)
    if total.refused:
        context.exit(SOME_REFUSED)


@members.command("erasures")
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


def _completion(erasure: ErasureSummary) -> str:
    return erasure.completed_at or f"waits for {', '.join(erasure.waiting_for)}"


def _read(file: Path) -> tuple[list[str], list[list[str]]]:
    """Return the names of the columns and the rows. Raises CommandError."""
    try:
        lines = list(rows_of(decoded(file.read_bytes())))
    except (BadText, BrokenRow) as error:
        raise CommandError(f"{file}: {error}") from error
    return (lines[0], lines[1:]) if lines else ([], [])


def _plus(total: ImportReport, report: ImportReport, first: int) -> ImportReport:
    moved = [line.model_copy(update={"line": line.line + first}) for line in report.refused]
    return ImportReport(
        created=total.created + report.created,
        updated=total.updated + report.updated,
        refused=[*total.refused, *moved],
    )


def _report(report: ImportReport, as_json: bool) -> None:
    if as_json:
        print_json(report)
        return
    for line in report.refused:
        click.echo(_refusal(line), err=True)
    left_out = len(report.refused)
    click.echo(f"{report.created} new, {report.updated} written anew, {left_out} left out")


def _refusal(line: RefusedLine) -> str:
    return f"line {line.line}: {line.member_id or 'no member_id'}: {line.reason}"


def _show(receipt: ErasureReceipt) -> None:
    state = "complete" if receipt.complete else "not complete yet"
    table = Table("store", "confirmed", "FaceIds", title=f"Erasure {receipt.erasure}: {state}")
    for part in receipt.stores:
        said = part.confirmed_at if part.confirmed else f"waits for {part.waiting_for}"
        faces = ", ".join(f"{face.face_id} ({face.templates})" for face in part.faces)
        table.add_row(part.store, said, faces)
    output().print(table)
