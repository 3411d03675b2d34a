"""`python -m bench.accuracy cohort FOLDER`: makes what `scoring/data` holds.

FOLDER has a folder of pictures for each person. With `--half`, half of the people, by a hash of
their name, are used: so is made what `facegate evaluate FOLDER` tests the others with. With
`--model` it is done with a model of one's own, a folder with its manifest, and kept there.
"""

import tempfile
from pathlib import Path

import click
import numpy as np

from bench.accuracy.own_face import report
from bench.accuracy.through_http import RATE, compare_ways
from bench.album import open_album
from bench.tested_model import TestedModel
from contract.errors import EnrollmentRefused
from encoder import Face
from facegate.evaluation.encoding import Choose, Portrait, encode, largest, portraits_in
from facegate.evaluation.fitting.build import Built, build
from facegate.evaluation.fitting.split import develops
from facegate.evaluation.photographs import Photographs
from facegate.evaluation.subjects import HALF, load_vectors
from scoring.score_scale import ScoreScale
from scoring.scoring_data import DATA
from shard.enrollment.picture_quality import face_to_enroll

_of_model = click.option(
    "--model",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="The folder of a model of your own.  [default: the installed network]",
)


@click.group()
def main() -> None:
    """Make the shipped cohort and threshold."""


@main.command()
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--vectors", type=click.Path(path_type=Path), help="Keep the vectors in this file.")
@click.option("--half", is_flag=True, help="Leave half of the people to test with.")
@click.option("--to", type=click.Path(path_type=Path), help="Folder.  [default: facegate's own]")
@_of_model
def cohort(
    *, folder: Path, vectors: Path | None, half: bool, to: Path | None, model: Path | None
) -> None:
    """Make cohort and threshold from the people in FOLDER."""
    portraits = portraits_in(folder)
    photographs = _photographs(portraits, vectors, model=model)
    people = {one.person for one in portraits}
    if half:
        photographs, people = photographs.where(develops), set(filter(develops, people))
    built = build(photographs, people)
    built.save(to or model or (HALF if half else DATA))
    print(f"made from {len(photographs.people)} people; across their folds, gallery of 500:")
    _report(built)


@main.command("own-face")
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--vectors", type=click.Path(path_type=Path), help="Keep the vectors in this file.")
@_of_model
def own_face(*, folder: Path, vectors: Path | None, model: Path | None) -> None:
    """Measure at which score a picture is not the FaceId's own, with the people in FOLDER.

    Pictures that an enrolment refuses by themselves are left out.
    """
    portraits = portraits_in(folder)
    photographs = _photographs(portraits, vectors, _face_to_enroll, model)
    scale = ScoreScale.of_model(photographs.model, model)
    report(photographs, scale.parameters)


@main.command("http")
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--gallery", type=int, default=500, show_default=True, help="People in the gallery.")
@click.option("--seed", type=int, default=1, show_default=True)
@_of_model
def through_http(*, folder: Path, gallery: int, seed: int, model: Path | None) -> None:
    """Measure through HTTP what `facegate evaluate` says, with the people in FOLDER.

    The scale of a model of your own has to be made from half of them: `facegate model fit --half`.
    """
    tested = TestedModel.of(model)
    album = open_album(folder, _show, tested.tests, model)
    with tempfile.TemporaryDirectory() as data:
        both = compare_ways(album, tested, Path(data), gallery, seed, print)
    print(
        f"{both.gallery} people in the gallery ({both.refused} refused), {both.members} of them"
        f" come, and {both.strangers} strangers"
    )
    for way, figures in (("through HTTP", both.http), ("evaluated", both.evaluated)):
        print(
            f"{way:>12}: {figures.named:.1%} named at {RATE:.0%} of strangers; by the store's own"
            f" threshold {figures.own_named:.1%} named, {figures.own_let_in:.2%} let in"
        )


def _face_to_enroll(faces: list[Face]) -> Face | None:
    try:
        return face_to_enroll(faces)
    except EnrollmentRefused:
        return None


def _photographs(
    portraits: list[Portrait],
    vectors: Path | None,
    choose: Choose = largest,
    model: Path | None = None,
) -> Photographs:
    if vectors is not None and vectors.exists():
        return load_vectors(vectors, model)
    photographs = encode(portraits, _show, choose, model).photographs
    if vectors is not None:
        photographs.save(vectors)
    return photographs


def _show(done: int, total: int) -> None:
    if done % 500 == 0:
        print(f"encoded {done} of {total}", flush=True)


def _report(built: Built) -> None:
    for rate in (0.1, 0.01, 0.001):
        tpirs = [
            expectation.tpir(500, expectation.scores_at(500, [rate])[0])
            for expectation in built.expectations
        ]
        print(f"  TPIR at FPIR {rate:.1%}: {np.mean(tpirs):.3f}")
    print("score that strangers reach, by rarity:")
    for x, score in zip(
        built.parameters.curve.log_comparisons, built.parameters.curve.score, strict=True
    ):
        print(f"  {x:4.1f} {score:7.3f}")
    print(f"fused pictures gain {built.parameters.fused_extra}")
    print(f"people of the cohort who can be told by it: {built.leaked_share:.1%} (of strangers 1%)")


if __name__ == "__main__":
    main()
