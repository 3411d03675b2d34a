"""`facegate members import`: members of a table in CSV, as a job of the gateway."""

import time
from collections.abc import Callable
from pathlib import Path

import click
from rich.progress import Progress, TaskID

from contract.errors import BadText
from contract.messages.imports.import_job import FINAL, ImportJob
from contract.messages.member_table import ImportReport, RefusedLine
from contract.text.csv_text import BrokenRow, decoded, rows_of, written
from facegate.client.client import Client
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

_PART = 1_000_000
"""Characters of the table that one request brings."""
_ASK_AGAIN_SECONDS = 0.5


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--refused",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the lines that were left out to this file, to be mended.",
)
@click.option("--whole", is_flag=True, help="Write nothing where any line is wrong.")
@url_option
@json_option
@click.pass_context
def import_members(
    context: click.Context,
    *,
    file: Path,
    refused: Path | None,
    whole: bool,
    url: str,
    as_json: bool,
) -> None:
    """Write the members of a CSV FILE.

    Its first line names the columns: member_id, name, tags, cross_store, profile, faces and those
    of the consent. A line that is wrong is named with its number and left out; the others are
    taken. Ctrl-C has the gateway undo what was written.
    """
    text = _read(file)
    with gateway_client(url) as client, progress_bar(remarks()) as bar:
        task = bar.add_task(f"importing {file.name}", total=None)
        job = _send(client, text, partial=not whole)
        try:
            job = _follow(client, job, lambda now: _show(bar, task, now))
        except KeyboardInterrupt:
            client.cancel_import(job.id)
            raise
    if refused is not None and job.refused_lines:
        _write_left_out(refused, text, job)
    _report(job, as_json)
    if job.state != "done":
        raise CommandError(f"nothing was written ({job.state}): {job.reason or 'as was asked for'}")
    if job.refused:
        context.exit(SOME_REFUSED)


def _read(file: Path) -> str:
    """Return the text of a file. Raises CommandError."""
    try:
        return decoded(file.read_bytes())
    except BadText as error:
        raise CommandError(f"{file}: {error}") from error


def _send(client: Client, text: str, *, partial: bool) -> ImportJob:
    """Send a table in parts."""
    parts = [text[start : start + _PART] for start in range(0, max(1, len(text)), _PART)]
    job = client.begin_import(parts[0], partial=partial, more=len(parts) > 1)
    for number, part in enumerate(parts[1:], 2):
        job = client.add_import_part(job.id, number, part, more=number < len(parts))
    return job


def _follow(client: Client, job: ImportJob, show: Callable[[ImportJob], None]) -> ImportJob:
    """Return the job once it has come to its end."""
    while job.state not in FINAL:
        time.sleep(_ASK_AGAIN_SECONDS)
        job = client.import_job(job.id)
        show(job)
    return job


def _show(bar: Progress, task: TaskID, job: ImportJob) -> None:
    done = job.checked if job.state == "checking" else job.written
    bar.update(task, description=job.state, completed=done, total=job.lines)


def _write_left_out(path: Path, text: str, job: ImportJob) -> None:
    """Write the lines that were left out, as far as the job names them."""
    wanted = {line.line for line in job.refused_lines}
    rows = []
    try:
        for number, row in enumerate(rows_of(text), 1):
            if number == 1 or number in wanted:
                rows.append(row)
    except BrokenRow:  # the rest cannot be read, as its line says
        pass
    path.write_text(written(rows), encoding="utf-8", newline="")


def _report(job: ImportJob, as_json: bool) -> None:
    if as_json:
        stopped = None if job.state == "done" else job.reason or job.state
        lines = list(job.refused_lines)
        print_json(
            ImportReport(created=job.created, updated=job.updated, refused=lines, stopped=stopped)
        )
        return
    for line in job.refused_lines:
        click.echo(_refusal(line), err=True)
    if unnamed := job.refused - len(job.refused_lines):
        click.echo(f"and {unnamed} lines more", err=True)
    click.echo(f"{job.created} new, {job.updated} written anew, {job.refused} left out")


def _refusal(line: RefusedLine) -> str:
    return f"line {line.line}: {line.member_id or 'no member_id'}: {line.reason}"
