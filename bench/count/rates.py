"""How often people are counted wrongly in large stores: rows for `scoring/data/counting.json`.

There are not people enough: they are drawn from a mixture of those from whom the half's cohort was
made, so that nothing is fitted to those with whom the count is tested, and compared by a cohort of
the others.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from bench.accuracy.mixture import draw_faces, mean_vectors
from bench.accuracy.split import develops
from bench.count.drawn_people import draw_people
from bench.count.on_vectors import USUAL_RATES
from facegate.evaluation.counting.mix import Mix
from facegate.evaluation.counting.policies import SHIPPED, policies
from facegate.evaluation.counting.simulation import CountingPlan, Crowd, simulate
from facegate.evaluation.counting.tally import Tally
from facegate.evaluation.photographs import Photographs
from facegate.evaluation.subjects import HALF
from scoring.counting_rates import MeasuredRates
from scoring.scoring_data import ScoringData, read_scoring_data

_SEED = 20240
_UNLIKE = 0.1, 0.3
"""By which parts `missed` and `confused` differ between halves of the people, beside chance: so
much those of a store may differ from those measured."""


class LargeStore(NamedTuple):
    """So many people, of whom a share come again, two to so many times, with so many frames."""

    people: int
    regulars: float
    most_visits: int
    frames: int


LARGE_STORES = (
    *(LargeStore(3000, share, 8, frames) for frames in (1, 2, 3) for share in (0.1, 1 / 3, 1)),
    *(LargeStore(10_000, share, 8, 1) for share in (0.1, 1 / 3, 1)),
    LargeStore(10_000, 1 / 3, 8, 2),
    LargeStore(15_000, 1 / 3, 8, 1),
)


def measure_large_stores(photographs: Photographs) -> Iterator[MeasuredRates]:
    """Yield the rates of each of `LARGE_STORES`, of people drawn like those of `photographs`."""
    real = photographs.where(develops)
    scoring = _by_others(photographs.where(lambda person: not develops(person)))
    for store in LARGE_STORES:
        yield rates_of(_tally(real, scoring, store), store.frames)


def rates_of(tally: Tally, frames: int) -> MeasuredRates:
    """Return the row of one store."""
    missed_unlike, confused_unlike = _UNLIKE
    return MeasuredRates(
        visitors=tally.uv,
        visits_each=round(tally.pv / tally.uv, 3),
        frames=frames,
        missed=round(tally.missed, 4),
        confused=round(tally.confused, 4),
        missed_deviation=round(missed_unlike * tally.missed, 4),
        confused_deviation=round(confused_unlike * tally.confused, 4),
    )


def _tally(real: Photographs, scoring: ScoringData, store: LargeStore) -> Tally:
    drawn = draw_people(real, store.people, store.most_visits * store.frames, _SEED)
    often = round(store.regulars * store.people)
    mix = Mix(store.people - often, often, (2, store.most_visits), store.frames)
    rules = {SHIPPED: policies(USUAL_RATES)[SHIPPED]}
    plan = CountingPlan(mix, 1, _SEED)
    [tally] = simulate(Crowd(drawn, scoring), rules, plan, lambda done, total: None)[SHIPPED]
    return tally


def _by_others(others: Photographs) -> ScoringData:
    """Return the half's files with a cohort of people who are not in it."""
    faces = draw_faces(mean_vectors(others.vectors, others.person), _SEED)
    half = read_scoring_data(HALF)
    return half._replace(faces=faces.astype(np.float16).astype(np.float32))
