"""Makes the scale of a model from photographs of people: what `scoring/data` holds for dlib's."""

import json
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from facegate.evaluation.fitting.crossfit import FOLDS, CrossFit
from facegate.evaluation.fitting.expectation import Everybody, Expectation
from facegate.evaluation.fitting.mixture import FACES, MIXTURES, Mixture, draw_faces, mean_vectors
from facegate.evaluation.fitting.threshold_curve import fit_curve, fit_extra
from facegate.evaluation.photographs import Photographs
from scoring.limits import RARER, limits_of
from scoring.parameters import ScoringParameters, name_digest
from scoring.scoring_data import COHORT_FILE, DATA, PARAMETERS_FILE, read_scoring_data

BEST = FACES // 15
"""Nearest faces that place a vector; from a twentieth to a tenth of them all it makes no odds."""
TYPICAL_SHARE = 0.25
"""None: the deviation of few values is noise; half or more: too little of the face's own."""
SEED = 20240
MOST_LEAKED = 0.05
"""Of its people, those whom a cohort may give away. By dlib's network it gives away 4%."""
_TEMPLATE_DRAWS = 4

_FIRST_GUESS = (1.5, 0.05)


@dataclass(frozen=True, eq=False)
class Built:
    """What was made, and how well it does across the folds of those it was made from."""

    faces: NDArray[np.float16]
    mixture: Mixture
    """What the faces were drawn from."""
    parameters: ScoringParameters
    expectations: list[Expectation]
    leaked_share: float
    """The share of its people whom a cohort gives away; of strangers it is 1%."""

    def save(self, folder: Path) -> None:
        """Write `cohort.npy` and `scoring.json`, each whole or not at all. Raises OSError."""
        folder.mkdir(parents=True, exist_ok=True)
        plain: dict[str, Any] = self.parameters.model_dump(mode="json")
        plain["people"] = sorted(plain["people"])
        with tempfile.TemporaryDirectory(dir=folder, prefix=".new-") as draft:
            cohort, parameters = Path(draft, COHORT_FILE), Path(draft, PARAMETERS_FILE)
            np.save(cohort, self.faces)
            parameters.write_text(json.dumps(plain, indent=1) + "\n", encoding="utf-8")
            for made in (cohort, parameters):
                made.replace(folder / made.name)


def build(photographs: Photographs, people: Iterable[str]) -> Built:
    """Return cohort and threshold made from all these photographs.

    `people` are those who were photographed, also those whose face was not found.
    """
    crossfit, leaked_share = _giving_few_away(photographs)
    mean, deviation = crossfit.typical_place()
    typical = (round(mean, 4), round(deviation, 4))
    crossfit = replace(crossfit, typical=typical, _cohorts={})
    random = np.random.default_rng(SEED)
    expectations = [_expectation(crossfit, random) for _ in range(_TEMPLATE_DRAWS)]
    means = mean_vectors(photographs.vectors, photographs.person)
    curve = fit_curve(expectations)
    of_dlibs = photographs.model == read_scoring_data(DATA).parameters.model
    limits = {} if of_dlibs else limits_of(curve, mean, RARER)  # dlib's own were measured
    parameters = ScoringParameters(
        model=photographs.model,
        best=BEST,
        typical=typical,
        typical_share=TYPICAL_SHARE,
        curve=curve,
        fused_extra=fit_extra(crossfit, random),
        people=frozenset(map(name_digest, people)),
        **limits,
    )
    faces = draw_faces(means, SEED, mixture=crossfit.mixture).astype(np.float16)
    return Built(faces, crossfit.mixture, parameters, expectations, leaked_share)


def _giving_few_away(photographs: Photographs) -> tuple[CrossFit, float]:
    """Return cohorts by the first of MIXTURES that gives few people away, and how many it does.

    The better a network tells people apart, the better it does so with the faces that are drawn
    from them. Where each gives away more than MOST_LEAKED, it is the last one.
    """
    for mixture in MIXTURES:
        crossfit = CrossFit(photographs, BEST, _FIRST_GUESS, TYPICAL_SHARE, SEED, mixture)
        leaked_share = _leaked_share(crossfit)
        if leaked_share <= MOST_LEAKED:
            break
    return crossfit, leaked_share


def _leaked_share(crossfit: CrossFit) -> float:
    """Return the share of the people that a cohort knows whose photograph stands out beside it.

    It stands out when it is nearer to some face of the cohort than 99% of the photographs of people
    whom such a cohort does not know.
    """
    photographs, folds = crossfit.photographs, crossfit.folds()
    first = np.array([rows[0] for rows in photographs.of_each()])
    nearest = np.stack(
        [
            (photographs.vectors[first] @ crossfit.cohort(one, one).faces.T).max(axis=1)
            for one in range(FOLDS)
        ]
    )
    stranger = folds == np.arange(FOLDS)[:, None]
    return float((nearest[~stranger] > np.quantile(nearest[stranger], 0.99)).mean())


def _expectation(crossfit: CrossFit, random: np.random.Generator) -> Expectation:
    photographs = crossfit.photographs
    everybody = Everybody.of(photographs, random)
    scores = crossfit.scores(
        photographs.vectors[everybody.visits],
        everybody.person,
        photographs.templates[everybody.templates],
    )
    return Expectation(everybody, scores)
