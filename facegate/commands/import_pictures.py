"""`facegate import STORE SOURCE`: enrol a folder of pictures, or a file of vectors."""

import dataclasses
from collections import Counter
from pathlib import Path

import click
from rich.markup import escape

from facegate.client.folder_import import import_folder
from facegate.client.imported_picture import ImportedPicture, hints
from facegate.commands.import_vectors import MAX_WAIT, import_file, show
from facegate.commands.options import (
    SOME_REFUSED,
    gateway_client,
    json_option,
    output,
    progress_bar,
    remarks,
    url_option,
)
from facegate.commands.printing import print_json

_NAMED = 3
"""FaceIds that a hint names."""


@click.command("import")
@click.argument("store")
@click.argument("source", type=click.Path(path_type=Path, exists=True))
@click.option(
    "--model",
    metavar="NAME",
    help="Which network made the vectors of a file, as /v1/cluster calls it"
    " [default: the store's own].",
)
@url_option
@json_option
@click.pass_context
def import_pictures(
    context: click.Context,
    *,
    store: str,
    source: Path,
    model: str | None,
    url: str,
    as_json: bool,
) -> None:
    """Enrol the pictures in the folder SOURCE into STORE, or the vectors in the file SOURCE.

    `095_0.jpg` shows FaceId 095; a picture in a subfolder shows the FaceId that the subfolder is
    named after. Links are followed. Pictures of one FaceId are compared: those that are not of the
    person whom more than half of them show are left out. So is a picture that shows no one face
    well enough. Everything that is not imported is named with the reason. Only new and changed
    pictures are sent; one that is no longer in the folder is named, and its vector stays.

    A file has vectors that the store's face network made in another system: `.csv` with the FaceId
    and the numbers in each line, or `.npz` with the arrays `names` and `vectors`. They are taken at
    their word: whom they are like is not looked at.

    Exit code 1: some picture was left out, or the vector of somebody who was erased.
    """
    if not source.is_dir():
        imported = import_file(source, store, model, url)
        show(store, imported, as_json)
        if imported.erased:
            context.exit(SOME_REFUSED)
        return
    if model is not None:
        raise click.UsageError("--model is for a file of vectors")
    with gateway_client(url, retry_seconds=MAX_WAIT) as client, progress_bar(remarks()) as bar:
        task = bar.add_task(f"importing into {store}", total=None)
        results = import_folder(
            client, store, source, lambda done, total: bar.update(task, completed=done, total=total)
        )
    if as_json:
        print_json([dataclasses.asdict(result) for result in results])
    else:
        _report(store, results)
    if any(result.outcome == "refused" for result in results):
        context.exit(SOME_REFUSED)


def _report(store: str, results: list[ImportedPicture]) -> None:
    notes = {
        "passed over": "[dim]passed over[/]",
        "refused": "[red]left out[/]",
        "removed": "[yellow]no longer in the folder; its vector stays in the store[/]",
        "erased": "[yellow]its FaceId was erased; not brought back[/]",
    }
    for result in results:
        if result.outcome in notes:
            reason = f": {escape(result.reason)}" if result.reason else ""
            _say(f"{escape(result.name)} {notes[result.outcome]}{reason}")
        for warning in result.warnings:
            _say(f"{escape(result.name)} [yellow]{escape(warning)}[/]")
    for hint, face_ids in hints(results).items():
        _say(f"[yellow]{escape(_some(face_ids))}:[/] {escape(hint)}")
    counts = Counter(result.outcome for result in results)
    summary = ", ".join(f"{count} {outcome}" for outcome, count in counts.items())
    output().print(f"{escape(store)}: {summary or 'no pictures found'}")


def _some(face_ids: list[str]) -> str:
    more = len(face_ids) - _NAMED
    return ", ".join(face_ids[:_NAMED]) + (f" and {more} more" if more > 0 else "")


def _say(line: str) -> None:
    """Print one line for one picture, however long, and whatever its name has in it."""
    printable = "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in line)
    output().print(printable, soft_wrap=True)
