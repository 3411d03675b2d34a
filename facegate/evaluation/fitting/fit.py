"""Makes the scale of a model of the user's own from the user's people."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from contract.errors import BadRequest
from facegate.evaluation.counting.measured_rates import crowd_beside_others, measure_own_rates
from facegate.evaluation.encoding import Progress, encode, portraits_in
from facegate.evaluation.fitting.build import Built, build
from facegate.evaluation.fitting.split import develops, fold
from facegate.evaluation.photographs import Photographs
from facegate.evaluation.subjects import load_vectors
from scoring.counting_rates import CountingTable, save_counting_table
from service.files.replaced_folder import replacing

LEAST_PEOPLE = 500
"""Measured six times: fitted with 500 people, a threshold of 1% lets 0.8 to 1.6% of strangers in
(docs/accuracy.md). That score is told by those who reach it: five of 500 people."""


@dataclass(frozen=True)
class FitOptions:
    """From whom, and from what."""

    folder: Path
    """With a folder of pictures for each person."""
    vectors: Path | None = None
    """Where encoded photographs are kept; None: nowhere."""
    half: bool = False
    """Leave half of the people, by a hash of their names, to test with."""
    least_people: int = LEAST_PEOPLE
    """Fewer are refused."""


@dataclass(frozen=True, eq=False)
class FittedScale:
    """What was made, and how well it does: members named at rates of strangers, cross-fitted."""

    people: int
    gallery: int
    named: dict[float, float]
    """The share of members named rightly, by the share of strangers taken for somebody."""
    leaked_share: float
    """The share of the people who can be told by the cohort; of strangers it is 1%."""
    counting: CountingTable | None
    """How often people are counted wrongly; None where too few come again to tell."""


def fit_model(model: Path, options: FitOptions, progress: Progress) -> FittedScale:
    """Make the scale of the model in the folder `model`, and keep it there.

    With it is kept how often people are counted wrongly, if enough of them have several pictures.

    Raises BadRequest, also where there are fewer people with a face than are needed,
    ConfigurationError and OSError; then nothing has changed.
    """
    photographs, people = _photographed(model, options, progress)
    _check_enough(options, len(photographs.people))
    built = build(photographs, people)
    counting = _counting(photographs, built)
    with replacing(model) as draft:
        shutil.copytree(model, draft, dirs_exist_ok=True)
        built.save(draft)
        save_counting_table(counting, draft)
    return _fitted(built, len(photographs.people), counting)


def _photographed(
    model: Path, options: FitOptions, progress: Progress
) -> tuple[Photographs, set[str]]:
    """Return the photographs to use, and whose pictures there are, with a face or without."""
    wanted: Callable[[str], bool] = develops if options.half else _everybody
    vectors = options.vectors
    if vectors is not None and vectors.exists():
        kept = load_vectors(vectors, model)
        return kept.where(wanted), set(filter(wanted, kept.people))
    portraits = [one for one in portraits_in(options.folder) if wanted(one.person)]
    people = {one.person for one in portraits}
    _check_enough(options, len(people))
    photographs = encode(portraits, progress, model=model).photographs
    if vectors is not None:
        photographs.save(vectors)
    return photographs, people


def _check_enough(options: FitOptions, people: int) -> None:
    if people < options.least_people:
        raise BadRequest(
            f"{options.folder} has {people} people{' in its half' if options.half else ''}:"
            f" {options.least_people} are needed. The score that one in a hundred strangers reaches"
            " is told by those who reach it, and of fewer people so few do that chance would decide"
            " how many are let in; the model keeps the scale that it has"
        )


def _everybody(person: str) -> bool:
    """Want each person."""
    return True


def _counting(photographs: Photographs, built: Built) -> CountingTable | None:
    """Return how often people are counted wrongly who are compared by a cohort of the others."""
    crowd = crowd_beside_others(photographs, _comes, built.parameters, built.mixture)
    rates = measure_own_rates(crowd)
    return CountingTable(model=photographs.model, rates=tuple(rates)) if rates else None


def _comes(person: str) -> bool:
    """Say whether a person is one of those who come: three of five are."""
    return fold(person, 5) < 3


def _fitted(built: Built, people: int, counting: CountingTable | None) -> FittedScale:
    gallery = min(500, people // 2)
    named = {}
    for rate in (0.1, 0.01):
        tpirs = [
            expectation.tpir(gallery, expectation.scores_at(gallery, [rate])[0])
            for expectation in built.expectations
        ]
        named[rate] = float(np.mean(tpirs))
    return FittedScale(people, gallery, named, built.leaked_share, counting)
