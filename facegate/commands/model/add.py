"""`facegate model add FILE`: take a network, if it tells people apart."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import click
from rich.console import Console

from facegate.commands.model.options import models_option
from facegate.commands.options import CommandError, json_option, output, progress_bar, remarks
from facegate.commands.printing import print_json

if TYPE_CHECKING:
    from encoder.admission.detector_trial import DetectorTrial
    from encoder.admission.trial import Trial
    from encoder.custom.detector_manifest import Kind
    from encoder.custom.manifest import ModelManifest
    from facegate.models.new_detector import NewDetector

_Trial_co = TypeVar("_Trial_co", covariant=True)
_KINDS = ("arcface", "adaface", "sface", "facenet", "dlib")
_OF_DETECTORS = {"name", "size", "channels", "mean", "std", "threshold"}
"""Options for fields of a manifest that a detector has, too."""


class _New(Protocol[_Trial_co]):
    """A file that may become a model or a detector."""

    def try_on(
        self, people: Mapping[str, Sequence[bytes]], progress: Callable[[int, int], None], /
    ) -> _Trial_co:
        """Return how it does on the pictures of people."""


def _numbers(
    context: click.Context, parameter: click.Parameter, value: str | None
) -> tuple[float, ...] | None:
    """Return a number for each of three channels."""
    if value is None:
        return None
    try:
        numbers = tuple(float(text) for text in value.split(","))
    except ValueError:
        numbers = ()
    if len(numbers) not in {1, 3}:
        raise click.BadParameter(f"{value!r} is not a number, or three with commas between them")
    return numbers * 3 if len(numbers) == 1 else numbers


@click.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--preset",
    "kind",
    type=click.Choice(_KINDS),
    help="What the file is like; the options change it.",
)
@click.option(
    "--detector",
    type=click.Choice(["yunet", "scrfd"]),
    help="It is a face detector of this kind instead: see docs/models.md.",
)
@click.option("--threshold", type=float, help="Least score of a face; with --detector.")
@click.option("--name", help="What the model is called.  [default: the file's name]")
@click.option("--size", type=int, help="Pixels of the side of what it takes.")
@click.option("--channels", type=click.Choice(["rgb", "bgr"]), help="Order of the colours.")
@click.option(
    "--mean",
    callback=_numbers,
    metavar="NUMBER[,NUMBER,NUMBER]",
    help="What is subtracted from 0..255, by channel.",
)
@click.option(
    "--std",
    callback=_numbers,
    metavar="NUMBER[,NUMBER,NUMBER]",
    help="What the rest is divided by, by channel.",
)
@click.option(
    "--whitened/--not-whitened",
    default=None,
    help="Scale each chip by its own mean and deviation instead.",
)
@click.option(
    "--alignment",
    type=click.Choice(["arcface", "dlib", "box"]),
    help="How faces are cut out: by five points as ArcFace has them, as dlib's chips, by the"
    " detector's box.",
)
@click.option("--margin", type=float, help="Around the box, as a part of its side.")
@click.option("--layout", type=click.Choice(["nchw", "nhwc"]), help="Where the graph is silent.")
@click.option("--output", "output_name", help="The graph's output with the vectors.")
@click.option("--batch", type=int, help="Chips of one run.  [default: any number, if it can]")
@click.option("--mirror/--no-mirror", default=None, help="Describe mirror images, too.")
@click.option(
    "--try",
    "folder",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Try it on the people in this folder, a folder for each, instead of the sample people.",
)
@click.option("--force", is_flag=True, help="Replace the model that has the name.")
@models_option
@json_option
def add(
    *,
    file: Path,
    kind: str | None,
    detector: "Kind | None",
    output_name: str | None,
    folder: Path | None,
    force: bool,
    models: Path,
    as_json: bool,
    **others: Any,
) -> None:
    """Take the network in FILE, an ONNX file, as a model.

    It is kept if it tells people apart as it is declared: by the preset, and by the options that
    change it. With --detector it is kept if it finds the faces that dlib's detector finds, and
    their eyes, noses and mouths. Nothing is kept otherwise.
    """
    from facegate.commands.model.manifest_table import manifest_table
    from facegate.commands.model.trial_table import trial_table
    from facegate.models.new_detector import NewDetector
    from facegate.models.new_model import NewModel  # the encoder's packages: half a second
    from scoring.score_scale import DETAILS

    given = {key: value for key, value in others.items() if value is not None}
    if detector is not None:
        if kind or output_name or given.keys() - _OF_DETECTORS:
            options = ", ".join(sorted(f"--{field}" for field in _OF_DETECTORS))
            raise click.UsageError(f"--detector takes {options} and --try alone")
        new_detector = NewDetector(file, models, detector, given)
        _add_detector(file, new_detector, folder, replace=force, as_json=as_json)
        return
    if kind is None or "threshold" in given:
        raise click.UsageError("give --preset for a face network, --detector for a detector")
    if output_name is not None:
        given["output"] = output_name
    new = NewModel(file, models, kind, given)
    if not force:
        new.check_free()
    manifest = new.declared_network.manifest
    shown = Console(quiet=True) if as_json else output()
    shown.print(manifest_table(manifest))
    trial = _tried(new, folder)
    shown.print(trial_table(trial))
    _judge(file, trial)
    kept = new.keep(trial)
    if as_json:
        print_json(_described(manifest, kept, trial))
    else:
        click.echo(f"kept in {kept}: FACEGATE_MODEL={manifest.name} uses it")
        click.echo(f"its scale is safe: {DETAILS['safe']}")


def _add_detector(
    file: Path, new: "NewDetector", folder: Path | None, *, replace: bool, as_json: bool
) -> None:
    from facegate.commands.model.trial_table import detector_table

    if not replace:
        new.check_free()
    manifest = new.declared.manifest
    shown = Console(quiet=True) if as_json else output()
    shown.print(manifest.text(), markup=False, end="")
    trial = _tried(new, folder)
    shown.print(detector_table(trial))
    _judge(file, trial)
    kept = new.keep()
    if as_json:
        told = {"folder": str(kept), "found": trial.found, "warnings": trial.warnings}
        print_json({**manifest.model_dump(mode="json"), **told})
    else:
        click.echo(f"kept in {kept}: FACEGATE_DETECTOR={manifest.name} uses it")


def _tried(new: "_New[_Trial_co]", folder: Path | None) -> "_Trial_co":
    """Return how it does on the people in a folder, or on the sample people."""
    from facegate.models.trial_people import people_in, sample_people

    people = sample_people() if folder is None else people_in(folder)
    with progress_bar(remarks()) as bar:
        task = bar.add_task("looking for faces", total=None)
        return new.try_on(people, lambda done, all_: bar.update(task, completed=done, total=all_))


def _judge(file: Path, trial: "Trial | DetectorTrial") -> None:
    """Say what is doubtful. Raises CommandError when it is not to be taken."""
    if trial.faults:
        raise CommandError(f"{file} is not taken: {'; '.join(trial.faults + trial.warnings)}")
    for warning in trial.warnings:
        click.echo(f"facegate: but {warning}", err=True)


def _described(manifest: "ModelManifest", kept: Path, trial: "Trial") -> dict[str, Any]:
    return {
        **manifest.model_dump(mode="json"),
        "model": manifest.model,
        "folder": str(kept),
        "decidability": trial.separation.decidability,
        "kept": trial.kept,
        "warnings": trial.warnings,
    }
