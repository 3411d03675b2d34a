"""`facegate model fit NAME FOLDER`: a scale for a model, made from the user's people."""

from pathlib import Path

import click

from facegate.commands.model.options import models_option
from facegate.commands.options import output, progress_bar, remarks


@click.command()
@click.argument("name")
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option(
    "--half",
    is_flag=True,
    help="Use half of the people, by a hash of their names: `facegate evaluate` tests with the"
    " others.",
)
@click.option(
    "--vectors",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Keep the face vectors in this file, or take them from it. They are biometric data.",
)
@models_option
def fit(*, name: str, folder: Path, half: bool, vectors: Path | None, models: Path) -> None:
    """Make the scale of the model NAME from the people in FOLDER.

    FOLDER has a folder of pictures for each person, of 500 people at least. What is made, faces
    that nobody has, thresholds, and how often visitors are counted wrongly, is kept with the model;
    of the people it holds digests of their names alone, so that `facegate evaluate` leaves them
    out. Shards that are running use it when
    they are started anew; all shards of a chain that use the model should have the same.
    """
    # numpy and the encoder cost a second that the other commands need not wait for
    from facegate.commands.evaluation_output import progress_in
    from facegate.evaluation.fitting.fit import FitOptions, fit_model
    from facegate.models.kept_models import sound_model

    model = sound_model(models, name)
    with progress_bar(remarks()) as bar:
        fitted = fit_model(model, FitOptions(folder, vectors, half), progress_in(bar, "encoding"))
    named = ", ".join(
        f"{share:.1%} at {rate:.0%} of strangers" for rate, share in fitted.named.items()
    )
    lines = [
        f"{name} has a scale made from {fitted.people} people, in {model}",
        f"members named, each pair of people by a scale made from others, one picture each,"
        f" galleries of {fitted.gallery}: {named}",
        f"of the people {fitted.leaked_share:.0%} can be told by the faces of its cohort, which are"
        " drawn from them (1% would be chance)",
    ]
    if fitted.counting is None:
        lines.append(
            "too few people have several pictures: it is not known how often visitors are counted"
            " wrongly, and counts have no estimates"
        )
    else:
        most = max(row.visitors for row in fitted.counting.rates)
        lines.append(
            f"how often visitors are counted wrongly was measured with up to {most:.0f} visitors:"
            " counts have estimates"
        )
    for line in lines:
        output().print(line, markup=False)
