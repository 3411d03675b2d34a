"""How often people are counted wrongly: what `scoring/data/counting.json` holds.

The people from whom the half's cohort was made come by many mixes, compared by a cohort of the
others, so that nothing is fitted to those with whom the count is tested. For large stores there are
not people enough: they are drawn from a mixture of the same ones.

Rates differ between people, and between mixes that look alike to a store. So a row's deviations are
those between two halves of the people, and from what all the other rows would say in its place.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np

from bench.count.drawn_people import draw_people
from bench.count.on_vectors import USUAL_RATES
from facegate.evaluation.counting.mix import Mix
from facegate.evaluation.counting.policies import SHIPPED, policies
from facegate.evaluation.counting.simulation import CountingPlan, Crowd, simulate
from facegate.evaluation.fitting.mixture import draw_faces, mean_vectors
from facegate.evaluation.fitting.split import develops, fold
from facegate.evaluation.photographs import Photographs
from facegate.evaluation.subjects import HALF
from scoring.counting_rates import CountingTable, MeasuredRates, SeenVisits
from scoring.score_scale import ScoreScale
from scoring.scoring_data import read_scoring_data

_SEED = 20240
_DRAWS = 8
MIXES = (
    *(Mix(once, often) for once, often in ((35, 15), (133, 67), (300, 40), (250, 125), (500, 250))),
    *(Mix(once, often) for once, often in ((900, 100), (850, 350))),
    *(Mix(0, often, (3, 3)) for often in (50, 100, 200)),
    *(Mix(0, 60, (6, 15)), Mix(0, 140, (4, 8)), Mix(0, 400, (2, 2))),
    *(Mix(0, 80, (3, 3), 2), Mix(150, 70, (2, 4), 2), Mix(250, 100, (2, 3), 2)),
    *(Mix(0, 48, (3, 3), 3), Mix(80, 48, (2, 4), 3), Mix(130, 60, (2, 3), 3)),
)
"""Of as many people as there are with so many pictures."""
MIXES_OF_HALVES = (
    *(Mix(66, 33), Mix(0, 60, (3, 3)), Mix(0, 150, (2, 2)), Mix(250, 60), Mix(300, 130)),
    *(Mix(100, 40, (2, 3), 2), Mix(60, 25, (2, 3), 3)),
)
"""Of half of those people."""


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
)


class Deviations(NamedTuple):
    """How much rates differ between the people of one store and of another."""

    missed: float
    """As a part of the rate."""
    confused: float


def measure_rates(photographs: Photographs) -> list[MeasuredRates]:
    """Return the rates of each of `MIXES` and `LARGE_STORES`, with their deviations."""
    real = photographs.where(develops)
    crowd = Crowd(real, _by_others(photographs.where(lambda person: not develops(person))))
    rows = [measured(crowd, mix) for mix in MIXES]
    rows += [_of_large_store(crowd, store) for store in LARGE_STORES]
    return list(_with_deviations(rows, _between_halves(crowd)))


def counting_file(model: str, rows: Iterable[MeasuredRates]) -> str:
    """Return the rows as JSON, a line each; `model` made the vectors."""
    lines = ",\n".join(f"  {row.model_dump_json()}" for row in rows)
    return f'{{"model": "{model}", "rates": [\n{lines}\n]}}'


def measured(crowd: Crowd, mix: Mix, draws: int = _DRAWS) -> MeasuredRates:
    """Return the means of several draws, as if they were known exactly."""
    rules = {SHIPPED: policies(USUAL_RATES)[SHIPPED]}
    plan = CountingPlan(mix, draws, _SEED)
    tallies = simulate(crowd, rules, plan, lambda done, total: None)[SHIPPED]
    drawn = [(one.uv, one.pv, one.missed, one.confused) for one in tallies]
    visitors, visits, missed, confused = np.mean(drawn, axis=0).tolist()
    return MeasuredRates(
        visitors=round(visitors),
        visits_each=round(visits / visitors, 3),
        frames=mix.frames,
        missed=round(missed, 4),
        confused=round(confused, 4),
        missed_deviation=0,
        confused_deviation=0,
    )


def _of_large_store(crowd: Crowd, store: LargeStore) -> MeasuredRates:
    drawn = draw_people(crowd.photographs, store.people, store.most_visits * store.frames, _SEED)
    often = round(store.regulars * store.people)
    mix = Mix(store.people - often, often, (2, store.most_visits), store.frames)
    return measured(Crowd(drawn, crowd.scale), mix, draws=1)


def _between_halves(crowd: Crowd) -> Deviations:
    halves = [_half(crowd, which) for which in (0, 1)]
    pairs = [tuple(measured(half, mix) for half in halves) for mix in MIXES_OF_HALVES]
    missed = _root_mean_square(one.missed - other.missed for one, other in pairs)
    usual = _root_mean_square((one.missed + other.missed) / 2 for one, other in pairs)
    confused = _root_mean_square(one.confused - other.confused for one, other in pairs)
    return Deviations(missed / usual, confused)


def _half(crowd: Crowd, which: int) -> Crowd:
    return Crowd(crowd.photographs.where(lambda name: fold(name, 2) == which), crowd.scale)


def _root_mean_square(values: Iterable[float]) -> float:
    return float(np.sqrt(np.mean(np.square(list(values)))))


def _with_deviations(
    rows: list[MeasuredRates], between_halves: Deviations
) -> Iterator[MeasuredRates]:
    for row in rows:
        others = CountingTable(model="", rates=tuple(other for other in rows if other is not row))
        visits = round(row.visitors * row.visits_each)
        said = others.at(SeenVisits(round(row.visitors), visits, row.frames))
        missed = np.hypot(between_halves.missed * row.missed, said.missed - row.missed)
        confused = np.hypot(between_halves.confused, said.confused - row.confused)
        update = {
            "missed_deviation": round(float(missed), 4),
            "confused_deviation": round(float(confused), 4),
        }
        yield row.model_copy(update=update)


def _by_others(others: Photographs) -> ScoreScale:
    """Return the half's files with a cohort of people who are not in it."""
    faces = draw_faces(mean_vectors(others.vectors, others.person), _SEED)
    half = read_scoring_data(HALF)
    return ScoreScale.measured(half._replace(faces=faces.astype(np.float16).astype(np.float32)))
