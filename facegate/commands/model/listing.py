"""`facegate model list`, `show` and `remove`: which models there are."""

from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.table import Table

from facegate.commands.model.options import models_option
from facegate.commands.options import json_option, output
from facegate.commands.printing import print_json

if TYPE_CHECKING:
    from facegate.models.kept_models import KeptModel


@click.command("list")
@models_option
@json_option
def list_models(*, models: Path, as_json: bool) -> None:
    """List the models, and what is wrong with any."""
    from facegate.models.kept_models import kept_models  # the encoder's packages: half a second

    found = list(kept_models(models))
    if as_json:
        print_json([model.described for model in found])
        return
    table = Table("name", "model", "size", "alignment", "dimension", "scale", "problem")
    for model in found:
        table.add_row(*_row(model))
    if found:
        output().print(table)
    else:
        click.echo(f"there are no models in {models}")


def _row(model: "KeptModel") -> list[str]:
    declared = model.manifest
    if declared is None:
        return [model.name, "", "", "", "", "", model.problem or ""]
    numbers = [str(declared.size), declared.alignment, str(declared.dimension)]
    scale = model.scale.kind if model.scale else ""
    return [model.name, declared.model, *numbers, scale, model.problem or ""]


@click.command()
@click.argument("name")
@models_option
@json_option
def show(*, name: str, models: Path, as_json: bool) -> None:
    """Show what is declared of the model NAME."""
    from facegate.commands.model.manifest_table import manifest_table
    from facegate.models.kept_models import kept_model

    model = kept_model(models, name)
    if as_json:
        print_json(model.described)
        return
    if model.manifest is not None:
        output().print(manifest_table(model.manifest))
    if model.scale is not None:
        kind, detail = model.scale.kind, model.scale.detail
        output().print(f"scale: {kind}, made from {model.scale.made_from}: {detail}", markup=False)
    if model.problem is not None:
        click.echo(model.problem)


@click.command()
@click.argument("name")
@models_option
def remove(*, name: str, models: Path) -> None:
    """Delete the model NAME, and its scale if it has one of its own.

    Stores that use it must be given another one first: their shards would not start any more.
    """
    from facegate.models.kept_models import remove_model

    remove_model(models, name)
    click.echo(f"{name} is removed from {models}")
