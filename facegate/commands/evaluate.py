"""`facegate evaluate FOLDER`: how well these people are recognised, and how often wrongly."""

from pathlib import Path

import click

from contract.messages.by_kind import ByKind
from contract.stores.model_name import INSTALLED_MODEL
from facegate.commands.mix_options import mix_options
from facegate.commands.model.options import models_option
from facegate.commands.options import json_option
from facegate.evaluation.counting.mix import Mix


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option(
    "--gallery",
    type=click.IntRange(min=1),
    help="People in the gallery.  [default: 500, at most half of the people]",
)
@click.option(
    "--draws", type=click.IntRange(1, 200), default=20, show_default=True, help="Random galleries."
)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True)
@click.option(
    "--plot",
    type=click.Path(path_type=Path, dir_okay=False),
    default="evaluation.png",
    show_default=True,
    help="Draw the curve, or with --visits bars, into this PNG file.",
)
@click.option(
    "--vectors",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Keep the face vectors in this file, or take them from it. They are biometric data.",
)
@click.option("--model", help="Evaluate this model of your own.  [default: the installed network]")
@models_option
@click.option("--visits", is_flag=True, help="Measure how true the count of visitors is.")
@mix_options
@json_option
def evaluate(
    *,
    folder: Path,
    gallery: int | None,
    draws: int,
    seed: int,
    plot: Path,
    vectors: Path | None,
    model: str | None,
    models: Path,
    visits: bool,
    mix: Mix,
    rates: ByKind[float],
    as_json: bool,
) -> None:
    """Measure on FOLDER, which has a folder of pictures for each person.

    Galleries with one picture a person are drawn by lot; everybody else is a stranger. Without
    --vectors nothing is kept. People from whose pictures the scale was made (facegate's, that of
    FACEGATE_SCORING, or that of --model) are left out: they would flatter it. When facegate's was
    made from all of them, one from half of them is used, and the other half tests; a model's own
    does so after `facegate model fit --half`.

    With --visits nobody but --members is enrolled, and everybody is counted: those drawn by lot
    come to the stores, seen in pictures with one face, and several ways of counting are compared
    with the truth.
    """
    # numpy, matplotlib and the encoder cost a second that the other commands need not wait for
    from facegate.commands import counting_output, evaluation_output
    from facegate.models.kept_models import sound_model

    own = None if model in (None, INSTALLED_MODEL) else sound_model(models, model)
    people = evaluation_output.PeopleOptions(folder, vectors, own)
    out = evaluation_output.OutputOptions(plot, as_json)
    if visits:
        counting = counting_output.CountingOptions(mix, rates, draws, seed)
        counting_output.run(people, counting, out)
    else:
        options = evaluation_output.EvaluationOptions(gallery, draws, seed)
        evaluation_output.run(people, options, out)
