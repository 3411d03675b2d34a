"""The score that is needed, as one curve of the comparisons for one false match."""

import numpy as np

from facegate.evaluation.fitting.crossfit import CrossFit
from facegate.evaluation.fitting.expectation import Everybody, Expectation
from facegate.evaluation.photographs import Photographs, Rows
from scoring.cohort import unit
from scoring.false_rate import log_comparisons
from scoring.parameters import ThresholdCurve

GALLERIES = (10, 25, 50, 100, 200, 500, 1000)
RATES = (0.3, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001)
KNOTS = (3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 12.0)
"""Beyond the last one it goes on straight: fewer than a handful of strangers tell what is there."""

_EXTRA_GALLERIES = (10, 50, 100)
_EXTRA_RATES = (0.1, 0.03, 0.01)
_MOST_FRAMES = 4


def fit_curve(expectations: list[Expectation]) -> ThresholdCurve:
    """Return the curve through the scores at every gallery size and rate."""
    x, y, weight = [], [], []
    for expectation in expectations:
        for gallery in GALLERIES:
            scores = expectation.scores_at(gallery, list(RATES))
            for rate, score in zip(RATES, scores, strict=True):
                x.append(log_comparisons(gallery, rate))
                y.append(score)
                weight.append(rate**0.5)  # as many strangers tell it
    root = np.sqrt(weight)
    knots = [ThresholdCurve(log_comparisons=KNOTS, score=tuple(row)) for row in np.eye(len(KNOTS))]
    hats = np.array([[knot.at(place) for knot in knots] for place in x])
    scores = np.linalg.lstsq(hats * root[:, None], np.array(y) * root, rcond=None)[0]
    return ThresholdCurve(
        log_comparisons=KNOTS, score=tuple(round(float(score), 3) for score in scores)
    )


def fit_extra(crossfit: CrossFit, random: np.random.Generator) -> tuple[float, ...]:
    """Return what strangers' scores gain when 1, 2, 3, … pictures of theirs are fused.

    People with that many pictures come with single ones and with fused ones; the same is true of
    fused templates.
    """
    extra = [0.0, *(_extra(crossfit, frames, random) for frames in range(2, _MOST_FRAMES + 1))]
    return tuple(float(most) for most in np.maximum.accumulate(extra))


def _extra(crossfit: CrossFit, frames: int, random: np.random.Generator) -> float:
    photographs = crossfit.photographs
    everybody = Everybody.of(photographs, random, most=1)
    visits, person = _visits(photographs, frames, random)
    fused = unit(photographs.vectors[visits].sum(axis=1))
    single = photographs.vectors[visits[:, 0]]
    templates = photographs.templates[everybody.templates]
    gained = []
    for gallery in _EXTRA_GALLERIES:
        one, several = (
            Expectation(
                Everybody(everybody.templates, visits[:, 0], person),
                crossfit.scores(probes, person, templates),
            ).scores_at(gallery, list(_EXTRA_RATES))
            for probes in (single, fused)
        )
        gained.append(np.subtract(several, one))
    return round(float(np.mean(gained)), 2)


def _visits(
    photographs: Photographs, frames: int, random: np.random.Generator
) -> tuple[Rows, Rows]:
    cut = [
        random.permutation(rows)[: len(rows) // frames * frames][: 3 * frames].reshape(-1, frames)
        for rows in photographs.of_each()
    ]
    return np.concatenate(cut), np.repeat(np.arange(len(cut)), [len(rows) for rows in cut])
