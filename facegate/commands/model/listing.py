"""`facegate model list`, `show` and `remove`: which models and detectors there are."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.table import Table

from contract.errors import ConfigurationError
from facegate.commands.model.options import detector_option, models_option
from facegate.commands.options import json_option, map_option, output
from facegate.commands.printing import print_json

if TYPE_CHECKING:
    from facegate.models.detectors import KeptDetector
    from facegate.models.kept_models import KeptModel
    from facegate.models.model_users import ModelUsers


@click.command("list")
@models_option
@map_option
@json_option
def list_models(*, models: Path, stores: Path, as_json: bool) -> None:
    """List models and detectors, which stores use them, and what is wrong with any."""
    from facegate.models.detectors import kept_detectors
    from facegate.models.kept_models import kept_models  # the encoder's packages: half a second

    users = _users_in(stores)
    networks, detectors = list(kept_models(models)), list(kept_detectors(models))
    of_networks = [users.of_models.get(model.name, ()) for model in networks]
    of_detectors = [users.of_detectors.get(detector.name, ()) for detector in detectors]
    if as_json:
        kept = [model.described for model in networks]
        kept += [detector.described for detector in detectors]
        used = (*of_networks, *of_detectors)
        print_json([_with_users(*both) for both in zip(kept, used, strict=True)])
        return
    table = Table("name", "model", "size", "alignment", "dimension", "scale", "used by", "problem")
    for model, used_by in zip(networks, of_networks, strict=True):
        table.add_row(model.name, *_row(model), ", ".join(used_by), model.problem or "")
    for detector, used_by in zip(detectors, of_detectors, strict=True):
        row = _detector_row(detector)
        table.add_row(detector.name, *row, ", ".join(used_by), detector.problem or "")
    if networks or detectors:
        output().print(table)
    else:
        click.echo(f"there are no models in {models}")


def _users_in(stores: Path) -> "ModelUsers":
    """Return who uses what; nobody, and a remark, where the map cannot be read."""
    from facegate.models.model_users import ModelUsers

    try:
        return ModelUsers.in_map(stores)
    except ConfigurationError as error:
        click.echo(f"facegate: which stores use them is not known: {error.detail}", err=True)
        return ModelUsers({}, {})


def _with_users(described: dict[str, Any], used_by: Sequence[str]) -> dict[str, Any]:
    return {**described, "used_by": list(used_by)}


def _row(model: "KeptModel") -> list[str]:
    declared = model.manifest
    if declared is None:
        return [""] * 5
    numbers = [str(declared.size), declared.alignment, str(declared.dimension)]
    return [declared.model, *numbers, model.scale.kind if model.scale else ""]


def _detector_row(detector: "KeptDetector") -> list[str]:
    declared = detector.manifest
    if declared is None:
        return ["a detector", *[""] * 4]
    return [f"a detector, {declared.preset}", str(declared.size), *[""] * 3]


@click.command()
@click.argument("name")
@detector_option
@models_option
@map_option
@json_option
def show(*, name: str, detector: bool, models: Path, stores: Path, as_json: bool) -> None:
    """Show what is declared of the model NAME, or of a detector, and which stores use it."""
    from facegate.models.detectors import kept_detector
    from facegate.models.kept_models import kept_model

    kept: KeptModel | KeptDetector
    kept = kept_detector(models, name) if detector else kept_model(models, name)
    users = _users_in(stores)
    used_by = (users.of_detectors if detector else users.of_models).get(name, ())
    if as_json:
        print_json(_with_users(kept.described, used_by))
        return
    _print(kept)
    if used_by:
        click.echo(f"used by {', '.join(used_by)}")
    if kept.problem is not None:
        click.echo(kept.problem)


def _print(kept: "KeptModel | KeptDetector") -> None:
    from facegate.commands.model.manifest_table import manifest_table
    from facegate.models.detectors import KeptDetector

    if isinstance(kept, KeptDetector):
        if kept.manifest is not None:
            click.echo(kept.manifest.text(), nl=False)
        return
    if kept.manifest is not None:
        output().print(manifest_table(kept.manifest))
    if kept.scale is not None:
        kind, detail = kept.scale.kind, kept.scale.detail
        output().print(f"scale: {kind}, made from {kept.scale.made_from}: {detail}", markup=False)


@click.command()
@click.argument("name")
@detector_option
@click.option("--force", is_flag=True, help="Also where stores of the map use it.")
@models_option
@map_option
def remove(*, name: str, detector: bool, force: bool, models: Path, stores: Path) -> None:
    """Delete the model NAME with its scale, or a detector.

    One that stores of the map use is kept: their shards would not start any more. A process that
    was started with FACEGATE_MODEL or FACEGATE_DETECTOR is not asked.
    """
    from facegate.models.detectors import kept_detector, remove_detector
    from facegate.models.kept_models import kept_model, remove_model
    from facegate.models.model_users import ModelUsers, check_unused

    kept_detector(models, name) if detector else kept_model(models, name)
    if not force:
        users = ModelUsers.in_map(stores)
        used_by = (users.of_detectors if detector else users.of_models).get(name, ())
        check_unused(name, used_by, stores)
    if detector:
        remove_detector(models, name)
    else:
        remove_model(models, name)
    click.echo(f"{name} is removed from {models}")
