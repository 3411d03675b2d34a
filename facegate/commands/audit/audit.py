"""`facegate audit`: check the audit trail of a gateway, and copy it."""

import os
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import click
from rich.table import Table

from contract.audit_chain import ChainCheck, Head, canonical
from facegate.client.client import Client
from facegate.commands.audit.verification import AuditVerification
from facegate.commands.options import (
    CommandError,
    gateway_client,
    json_option,
    output,
    remarks,
    url_option,
)
from facegate.commands.printing import print_json


@click.group()
def audit() -> None:
    """Check or copy the audit trail: who looked at or changed whose data.

    Both ask the gateway with a key of the role privacy, or the admin's; `verify` needs no gateway
    for files.
    """


def _heads(
    context: click.Context, parameter: click.Parameter, value: tuple[str, ...]
) -> list[Head]:
    try:
        return [Head.parse(text) for text in value]
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


@audit.command("verify")
@click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--compare", is_flag=True, help="Compare the files with the record of the gateway, too."
)
@click.option(
    "--head",
    "heads",
    multiple=True,
    metavar="WRITER:NUMBER:DIGEST",
    callback=_heads,
    help="What the log said the end of a chain was: it has to be there.",
)
@url_option
@json_option
def verify(
    *, files: tuple[Path, ...], compare: bool, heads: list[Head], url: str, as_json: bool
) -> None:
    """Say whether each chain is whole, or which entry is the first that is wrong.

    Of FILES, such as data/audit.jsonl, the parts of one chain in their order; without them of what
    the gateway has in its record.
    """
    if compare and not files:
        raise click.UsageError("--compare needs the files")
    verification = AuditVerification(heads)
    with ExitStack() as stack:
        if files:
            verification.take_files(files)
        if not files or compare:
            client: Client = stack.enter_context(gateway_client(url))
            if files:
                both = verification.compare_with_record(client)
                remarks().print(f"{both} entries are in the files and in the record")
            else:
                verification.take_record(client)
    verification.check.require_noted()
    _show(verification.check, as_json)
    if verification.check.faults:
        raise CommandError("the audit trail is not whole")


@audit.command("export")
@click.option(
    "--to",
    "file",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    help="Where the copy goes, for its owner alone.",
)
@url_option
def export(file: Path, url: str) -> None:
    """Copy the whole trail to a file that `verify` can check without a gateway.

    Each line is an entry of JSON, with whom it is about in the clear: erase it when it has served.
    """
    count = 0
    draft = file.with_name(f".{file.name}.new")
    with gateway_client(url) as client:
        draft.unlink(missing_ok=True)
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as lines:
            for head in client.audit_heads():
                for line in client.audit_lines(head.writer):
                    lines.write(f"{canonical(line.model_dump())}\n")
                    count += 1
        draft.replace(file)
    click.echo(f"{count} entries are in {file}")


def _show(check: ChainCheck, as_json: bool) -> None:
    """Print what became of each chain."""
    writers = sorted({*check.heads, *check.faults})
    if as_json:
        print_json([_result(check, writer) for writer in writers])
        return
    table = Table("chain", "first", "last", "state", title="Audit trail")
    for writer in writers:
        result = _result(check, writer)
        state = "whole" if result["fault"] is None else f"entry {result['fault']}"
        table.add_row(writer, str(result["first"]), str(result["last"]), state)
    output().print(table)


def _result(check: ChainCheck, writer: str) -> dict[str, Any]:
    head, fault = check.heads.get(writer), check.faults.get(writer)
    return {
        "writer": writer,
        "first": check.first.get(writer),
        "last": None if head is None else head.number,
        "head": None if head is None else str(head),
        "fault": None if fault is None else f"{fault.number} {fault.what}",
    }
