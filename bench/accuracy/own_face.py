"""Whether a picture is of the person whose FaceId it is to get: one to one, cross-fitted.

A trial is a FaceId of some templates and one more picture: of the same person (true), or of another
one (wrong). The limit is fitted on one half of the people and measured on the other.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from contract.vectors import Vectors
from facegate.evaluation.fitting.build import BEST, SEED, TYPICAL_SHARE
from facegate.evaluation.fitting.crossfit import FOLDS, CrossFit
from facegate.evaluation.fitting.split import develops
from facegate.evaluation.photographs import Photographs, Rows
from scoring.cohort import Cohort, Floats, likeness_of, unit
from scoring.parameters import ScoringParameters

TEMPLATES = (1, 2, 3, 5)
REFUSED = 0.02
"""The share of true pictures that a fitted limit refuses."""
RULES = ("mean direction", "best", "mean of scores")
_DRAWS = 8
"""FaceIds of one person, at the most."""
_WRONG = 8
"""Wrong pictures of each FaceId."""


@dataclass(frozen=True, eq=False)
class Trials:
    """n pictures, each to be enrolled under a FaceId of k templates."""

    probes: Rows
    """Shape (n,): photographs."""
    owners: Rows
    """Shape (n,): whose FaceId it is, as a number of `Photographs.people`."""
    templates: Rows
    """Shape (n, k): photographs of the owner."""
    true: NDArray[np.bool_]

    def refused(self, scores: Floats, limit: float) -> float:
        """Return the share of true pictures below a limit; each person's weigh 1 in all."""
        below, weights = scores[self.true] < limit, self._weights()
        return float(weights @ below)

    def caught(self, scores: Floats, limit: float) -> float:
        """Return the share of wrong pictures below a limit."""
        return float((scores[~self.true] < limit).mean())

    def limit(self, scores: Floats) -> float:
        """Return the score that a share REFUSED of the true pictures does not reach."""
        order = np.argsort(scores[self.true])
        passing = np.cumsum(self._weights()[order])
        return float(scores[self.true][order][np.searchsorted(passing, REFUSED)])

    def _weights(self) -> NDArray[np.float64]:
        owners = self.owners[self.true]
        each = 1 / np.bincount(owners)[owners]
        weights: NDArray[np.float64] = each / each.sum()
        return weights


def draw_trials(
    photographs: Photographs, developing: bool, count: int, random: np.random.Generator
) -> Trials:
    """Draw FaceIds of `count` templates of the people of one half, and pictures for them."""
    each = photographs.of_each()
    half = [n for n, name in enumerate(photographs.people) if develops(name) == developing]
    rows = [
        trial
        for owner in half
        if len(each[owner]) > count
        for trial in _trials_of(owner, each, half, count, random)
    ]
    probes, owners, templates, true = zip(*rows, strict=True)
    return Trials(np.array(probes), np.array(owners), np.array(templates), np.array(true))


def _trials_of(
    owner: int, each: list[Rows], half: list[int], count: int, random: np.random.Generator
) -> Iterator[tuple[int, int, Rows, bool]]:
    for _ in range(min(_DRAWS, len(each[owner]))):
        drawn = random.permutation(each[owner])
        yield int(drawn[count]), owner, drawn[:count], True
        for other in random.choice(half, _WRONG, replace=False):
            if other != owner:
                yield int(random.choice(each[other])), owner, drawn[:count], False


def scores_of(crossfit: CrossFit, trials: Trials, gained: float) -> dict[str, Floats]:
    """Return the scores of the trials by each rule, by cohorts that know neither person.

    `gained` is taken off the scores of fused templates.
    """
    scores = {rule: np.empty(len(trials.probes), np.float32) for rule in RULES}
    folds, person = crossfit.folds(), crossfit.photographs.person
    for one in range(FOLDS):
        for other in range(FOLDS):
            of_pair = (folds[person[trials.probes]] == one) & (folds[trials.owners] == other)
            rows = np.flatnonzero(of_pair)
            if len(rows):
                found = _scores(crossfit, trials, rows, crossfit.cohort(one, other))
                for rule, values in zip(RULES, found, strict=True):
                    scores[rule][rows] = values
    scores[RULES[0]] -= np.float32(gained)
    return scores


def _scores(crossfit: CrossFit, trials: Trials, rows: Rows, cohort: Cohort) -> tuple[Floats, ...]:
    vectors = crossfit.photographs.templates
    probes, templates = vectors[trials.probes[rows]], vectors[trials.templates[rows]]
    count = templates.shape[1]
    singly = np.stack([_pairs(cohort, probes, templates[:, n]) for n in range(count)], axis=1)
    fused = _pairs(cohort, probes, unit(templates.sum(axis=1)))
    return fused, singly.max(axis=1), singly.mean(axis=1)


def _pairs(cohort: Cohort, probes: Vectors, others: Vectors) -> Floats:
    """Return the score of each probe with the template in the same row."""
    likeness = likeness_of((probes * others).sum(axis=1))
    one, two = cohort.place(probes), cohort.place(others)
    scores: Floats = (likeness - one.mean) / one.deviation + (likeness - two.mean) / two.deviation
    return scores


def report(photographs: Photographs, parameters: ScoringParameters) -> None:
    """Print what each rule refuses and catches, fitted on one half and measured on the other.

    `parameters` are those of the scale of the photographs' model.
    """
    typical = parameters.typical
    crossfit = CrossFit(photographs, BEST, typical, TYPICAL_SHARE, SEED)
    for count in TEMPLATES:
        random = np.random.default_rng((SEED, count))
        halves = [draw_trials(photographs, half, count, random) for half in (True, False)]
        gained = parameters.gained_by_fusing(count)
        scores = [scores_of(crossfit, trials, gained) for trials in halves]
        for fitted, held_out in ((0, 1), (1, 0)):
            trials = halves[held_out]
            people, wrong = len(np.unique(trials.owners)), int((~trials.true).sum())
            print(f"{count} templates, tested on {people} people, {wrong} wrong pictures")
            for rule in RULES:
                limit = halves[fitted].limit(scores[fitted][rule])
                _print(f"  {rule}, fitted limit", trials, scores[held_out][rule], limit)
            mean = scores[held_out][RULES[0]]
            _print(f"  {RULES[0]}, shipped limit", trials, mean, parameters.least_likeness)


def _print(what: str, trials: Trials, scores: Floats, limit: float) -> None:
    refused, caught = trials.refused(scores, limit), trials.caught(scores, limit)
    print(f"{what:32} {limit:6.2f}: {refused:6.2%} true refused, {caught:7.2%} wrong caught")
