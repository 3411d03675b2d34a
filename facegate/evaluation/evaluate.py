"""Measures how well people are recognised, and how often strangers are taken for somebody."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

import numpy as np

from contract.errors import BadRequest
from facegate.evaluation.encoding import Encoded
from facegate.evaluation.outcome import Outcome
from facegate.evaluation.photographs import Photographs
from facegate.evaluation.rates import OutcomeRates, Rate, Weights, redraw
from facegate.evaluation.report import AtRate, Report, ReportRow
from facegate.evaluation.rules import PLAIN_LIMIT, FacegateRule, PlainRule, Rule
from facegate.evaluation.subjects import Subjects
from facegate.evaluation.visits import Draw, draw
from scoring.parameters import ScoringParameters
from scoring.score_scale import ScoreScale
from scoring.scoring_data import DATA, read_scoring_data

FPIRS = (0.1, 0.01, 0.001)
CURVE_FPIRS = tuple(float(rate) for rate in np.geomspace(5e-4, 1, 67))
FRAMES = (1, 2, 3)
BOOTSTRAPS = 500

OURS, PLAIN, NEAREST = "facegate", f"plain: L2 < {PLAIN_LIMIT}", "nearest, no threshold"
PLAIN_WITHOUT_LIMIT = "plain: L2"
_DLIBS = read_scoring_data(DATA).parameters.model

Progress = Callable[[int, int], None]
"""Called with the steps that are done and the steps in all."""


USUAL_GALLERY = 500


@dataclass(frozen=True)
class EvaluationPlan:
    """What to measure: `draws` random galleries of `gallery` people, drawn from `seed`."""

    gallery: int
    draws: int
    seed: int

    @classmethod
    def for_people(cls, people: int, gallery: int | None, draws: int, seed: int) -> Self:
        """Return the plan; without a wish for the gallery, at most half of the people are in it.

        Raises BadRequest when nobody is left to be a stranger.
        """
        size = gallery or max(1, min(USUAL_GALLERY, people // 2))
        if size >= people:
            raise BadRequest(f"of {people} people, a gallery of {size} leaves nobody as a stranger")
        return cls(size, draws, seed)


def evaluate(
    encoded: Encoded, subjects: Subjects, plan: EvaluationPlan, progress: Progress
) -> Report:
    """Return what is measured on the photographs. Raises BadRequest; see `measure`."""
    photographs = encoded.photographs
    return Report(
        model=photographs.model,
        people=len(photographs.people),
        people_seen_twice=sum(len(each) > 1 for each in photographs.of_each()),
        photographs=len(photographs.person),
        without_face=encoded.without_face,
        refused=encoded.refused,
        scale=subjects.scale.status,
        left_out=subjects.left_out,
        cohort_of_half=subjects.by_half,
        gallery=plan.gallery,
        draws=plan.draws,
        seed=plan.seed,
        curve_fpirs=list(CURVE_FPIRS),
        rows=measure(photographs, subjects.scale, plan, progress),
    )


def measure(
    photographs: Photographs, scale: ScoreScale, plan: EvaluationPlan, progress: Progress
) -> list[ReportRow]:
    """Return the rates of our rule, with one and several frames a visit, and of the other rules.

    Raises BadRequest when nobody comes: too few people, or nobody with two photographs.
    """
    random = np.random.default_rng((plan.seed, 0))
    redrawn = list(redraw(len(photographs.people), BOOTSTRAPS, random))
    ours = FacegateRule(photographs, scale.cohort)
    plain = PlainRule(photographs)
    rows: list[ReportRow] = []
    for done, frames in enumerate(FRAMES):
        visits = _DrawnVisits(photographs, plan, frames)
        if not visits.any:
            break
        rows.append(_our_row(visits, ours, redrawn, scale.parameters, plan.gallery))
        if frames == 1:
            rows += _other_rows(visits, plain, redrawn, fixed=photographs.model == _DLIBS)
        progress(done + 1, len(FRAMES))
    if not rows:
        raise BadRequest(
            "nobody comes: it takes people with two pictures, and people beyond the gallery"
        )
    return rows


class _DrawnVisits:
    """All draws with so many frames a visit."""

    def __init__(self, photographs: Photographs, plan: EvaluationPlan, frames: int) -> None:
        random = np.random.default_rng((plan.seed, frames))
        self.frames = frames
        self._person = photographs.person
        self._draws: list[Draw] = [
            draw(photographs, plan.gallery, frames, random) for _ in range(plan.draws)
        ]

    @property
    def any(self) -> bool:
        """Say whether both members and strangers come."""
        members = any(len(one.members.person) for one in self._draws)
        return members and any(len(one.strangers.person) for one in self._draws)

    def outcome(self, rule: Rule) -> Outcome:
        """Let all visits come."""
        return Outcome.together(Outcome.of(one, rule, self._person) for one in self._draws)


def _our_row(
    visits: _DrawnVisits,
    rule: Rule,
    redrawn: list[Weights],
    parameters: ScoringParameters,
    gallery: int,
) -> ReportRow:
    outcome = visits.outcome(rule)
    rates = OutcomeRates(outcome, redrawn)
    needed = {fpir: parameters.threshold(gallery, fpir, visits.frames) for fpir in FPIRS}
    return _row(OURS, visits.frames, outcome, rates).model_copy(
        update={
            "rates": [
                AtRate(
                    fpir=fpir,
                    tpir=rates.tpir_at(fpir),
                    shipped_fpir=rates.fpir(score),
                    shipped_tpir=rates.tpir(score),
                )
                for fpir, score in needed.items()
            ]
        }
    )


def _other_rows(
    visits: _DrawnVisits, rule: Rule, redrawn: list[Weights], *, fixed: bool
) -> list[ReportRow]:
    """Return the plain rule, and the same without a limit: the nearest, whoever it is.

    The plain rule has a `fixed` limit with dlib's network alone.
    """
    outcome = visits.outcome(rule)
    rates = OutcomeRates(outcome, redrawn)
    row = _row(PLAIN if fixed else PLAIN_WITHOUT_LIMIT, visits.frames, outcome, rates)
    plain: dict[str, object] = {
        "rates": [AtRate(fpir=fpir, tpir=rates.tpir_at(fpir)) for fpir in FPIRS]
    }
    if fixed:
        plain |= {
            "fixed_tpir": rates.tpir(-PLAIN_LIMIT),
            "fixed_fpir": rates.fpir(-PLAIN_LIMIT),
        }
    nearest = {
        "rule": NEAREST,
        "fixed_tpir": rates.rank_one(),
        "fixed_fpir": Rate(1.0, 1.0, 1.0),
    }
    return [row.model_copy(update=plain), row.model_copy(update=nearest)]


def _row(rule: str, frames: int, outcome: Outcome, rates: OutcomeRates) -> ReportRow:
    return ReportRow(
        rule=rule,
        frames=frames,
        members=len(np.unique(outcome.member)),
        strangers=len(np.unique(outcome.stranger)),
        rank_one=rates.rank_one(),
        curve=rates.curve(CURVE_FPIRS),
    )
