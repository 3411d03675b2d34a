"""`facegate evaluate FOLDER`: how well these people are recognised, and how often wrongly."""

from pathlib import Path

import click

from contract.messages.by_kind import ByKind
from facegate.commands.mix_options import mix_options
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
    visits: bool,
    mix: Mix,
    rates: ByKind[float],
    as_json: bool,
) -> None:
    """Measure on FOLDER, which has a folder of pictures for each person.

    Galleries with one picture a person are drawn by lot; everybody else is a stranger. Without
    --vectors nothing is kept. People from whose pictures the cohort (facegate's, or that of
    FACEGATE_SCORING) was made are left out: they would flatter it. When facegate's was made from
    all of them, one from half of them is used, and the other half tests.

    With --visits nobody but --members is enrolled, and everybody is counted: those drawn by lot
    come to the stores, seen in pictures with one face, and several ways of counting are compared
    with the truth.
    """
    # numpy, matplotlib and the encoder cost a second that the other commands need not wait for
    from facegate.commands import counting_output, evaluation_output

    out = evaluation_output.OutputOptions(plot, as_json)
    if visits:
        counting = counting_output.CountingOptions(mix, rates, draws, seed, vectors)
        counting_output.run(folder, counting, out)
    else:
        options = evaluation_output.EvaluationOptions(gallery, draws, seed, vectors)
        evaluation_output.run(folder, options, out)
