"""`facegate import STORE FILE`: enrol a file of vectors."""

import dataclasses
from pathlib import Path

import click
from rich.markup import escape

from facegate.client.client import Client
from facegate.client.vector_file import BadVectorFile
from facegate.client.vector_import import ImportedVectors, import_vectors
from facegate.commands.options import gateway_client, output, progress_bar, remarks
from facegate.commands.printing import print_json

MAX_WAIT = 60.0
"""Seconds to wait in all for a shard that says it is busy, for each request."""


def import_file(path: Path, store: str, model: str | None, url: str) -> ImportedVectors:
    """Import a file of vectors, by default of the network that serves the store.

    Raises ClickException for a file that holds something else.
    """
    with gateway_client(url, retry_seconds=MAX_WAIT) as client, progress_bar(remarks()) as bar:
        task = bar.add_task(f"importing into {store}", total=None)
        model = model or _own_model(client, store)
        try:
            return import_vectors(
                client,
                store,
                path,
                model,
                lambda done, total: bar.update(task, completed=done, total=total),
            )
        except BadVectorFile as error:
            raise click.ClickException(f"{path}: {error}") from error


def show(store: str, imported: ImportedVectors, as_json: bool) -> None:
    """Print what became of the vectors."""
    if as_json:
        print_json(dataclasses.asdict(imported))
        return
    for face_id in imported.erased:
        output().print(f"{escape(face_id)} [yellow]was erased; not brought back[/]")
    counts = f"{imported.enrolled} vectors enrolled, {imported.unchanged} unchanged"
    output().print(f"{escape(store)}: {counts}")


def _own_model(client: Client, store: str) -> str:
    """Return what the network is called that serves a store."""
    of_store = (each for each in client.cluster().stores if each.store == store)
    replicas = (replica for each in of_store for replica in each.replicas)
    models = [each.status.model for each in replicas if each.status and each.status.model]
    if not models:
        raise click.ClickException(
            f"no shard of {store!r} says which network it has: name one with --model"
        )
    return models[0]
