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
ENOUGH = 50
_USUAL_EXTRA = (0.6, 0.86, 0.92)
"""For 2, 3 and 4 pictures."""


def fit_curve(expectations: list[Expectation]) -> ThresholdCurve:
    """Return the curve through the scores at every gallery size and rate.

    Those that people enough tell: a stranger who passes, and a third as many as members.
    """
    x, y, weight = [], [], []
    for expectation in expectations:
        galleries = [size for size in GALLERIES if 4 * size <= 3 * expectation.people]
        rates = [rate for rate in RATES if rate * expectation.people >= 1]
        for gallery in galleries:
            scores = expectation.scores_at(gallery, rates)
            for rate, score in zip(rates, scores, strict=True):
                x.append(log_comparisons(gallery, rate))
                y.append(score)
                weight.append(rate**0.5)  # as many strangers tell it
    root = np.sqrt(weight)
    covered = tuple(knot for knot in KNOTS if knot <= max(x))
    knots = [
        ThresholdCurve(log_comparisons=covered, score=tuple(row)) for row in np.eye(len(covered))
    ]
    hats = np.array([[knot.at(place) for knot in knots] for place in x])
    scores = np.linalg.lstsq(hats * root[:, None], np.array(y) * root, rcond=None)[0]
    return ThresholdCurve(
        log_comparisons=covered, score=tuple(round(float(score), 3) for score in scores)
    )


def fit_extra(crossfit: CrossFit, random: np.random.Generator) -> tuple[float, ...]:
    """Return what strangers' scores gain when 1, 2, 3, … pictures of theirs are fused.

    People with that many pictures come with single ones and with fused ones; the same is true of
    fused templates. Where fewer than ENOUGH have so many, it is what dlib's network gives.
    """
    pictures = np.bincount(crossfit.photographs.person)
    extra = [
        _extra(crossfit, frames, random) if (pictures >= frames).sum() >= ENOUGH else usual
        for frames, usual in enumerate(_USUAL_EXTRA, start=2)
    ]
    return tuple(float(most) for most in np.maximum.accumulate([0.0, *extra]))


def _extra(crossfit: CrossFit, frames: int, random: np.random.Generator) -> float:
    photographs = crossfit.photographs
    everybody = Everybody.of(photographs, random, most=1)
    visits, person = _visits(photographs, frames, random)
    fused = unit(photographs.vectors[visits].sum(axis=1))
    single = photographs.vectors[visits[:, 0]]
    templates = photographs.templates[everybody.templates]
    gained = []
    for gallery in (size for size in _EXTRA_GALLERIES if 4 * size <= 3 * len(everybody.templates)):
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
