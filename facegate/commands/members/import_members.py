"""`facegate members import`: members of a table in CSV."""

from pathlib import Path

import click

from contract.errors import BadText
from contract.messages.member_table import ImportReport, RefusedLine
from contract.text.csv_text import BrokenRow, decoded, rows_of, written
from facegate.commands.options import (
    SOME_REFUSED,
    CommandError,
    gateway_client,
    json_option,
    progress_bar,
    remarks,
    url_option,
)
from facegate.commands.printing import print_json

_AT_ONCE = 100
"""Lines that one request brings."""


@click.command("import")
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
