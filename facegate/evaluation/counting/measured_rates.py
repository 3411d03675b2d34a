"""How often people are counted wrongly: what `counting.json` holds.

People come by many mixes, compared by a cohort of others. For large stores there are not people
enough: they are drawn from a mixture of the same ones, whose pictures are fitted to dlib's network.

Rates differ between people, and between mixes that look alike to a store. So a row's deviations are
those between two halves of the people, and from what all the other rows would say in its place.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

import numpy as np

from contract.messages.by_kind import ByKind
from contract.messages.counting_rates import MeasuredRates
from contract.stores.store_map import Store
from facegate.evaluation.counting.drawn_people import draw_people
from facegate.evaluation.counting.mix import Mix
from facegate.evaluation.counting.policies import SHIPPED, policies
from facegate.evaluation.counting.simulation import CountingPlan, Crowd, simulate
from facegate.evaluation.counting.visit_plan import fitting_mix
from facegate.evaluation.fitting.mixture import USUAL, Mixture, draw_faces, mean_vectors
from facegate.evaluation.fitting.split import fold
from facegate.evaluation.photographs import Photographs
from scoring.counting_rates import CountingTable, SeenVisits
from scoring.parameters import ScoringParameters
from scoring.score_scale import ScoreScale
from scoring.scoring_data import ScoringData

USUAL_RATES = ByKind(
    *(float(Store.model_fields[name].default) for name in ("threshold", "same_visitor"))
)
"""What a store's map has where it says nothing."""
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
LEAST_REGULARS = 10
"""With fewer people who come again, a mix tells nothing."""


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


def crowd_beside_others(
    photographs: Photographs,
    comes: Callable[[str], bool],
    parameters: ScoringParameters,
    mixture: Mixture = USUAL,
) -> Crowd:
    """Return the people who come, compared by a cohort that is made from all the others.

    `parameters` were measured with cohorts that are drawn from such a mixture.
    """
    others = photographs.where(lambda person: not comes(person))
    faces = draw_faces(mean_vectors(others.vectors, others.person), _SEED, mixture=mixture)
    cohort = faces.astype(np.float16).astype(np.float32)
    scale = ScoreScale.measured(ScoringData(parameters, cohort, digest="of the others"))
    return Crowd(photographs.where(comes), scale)


def measure_rates(crowd: Crowd) -> list[MeasuredRates]:
    """Return the rates of each of `MIXES` and `LARGE_STORES`, with their deviations.

    Raises BadRequest when the crowd has too few people for one of them.
    """
    rows = [measured(crowd, mix) for mix in MIXES]
    rows += [_of_large_store(crowd, store) for store in LARGE_STORES]
    return list(_with_deviations(rows, _between_halves(crowd, MIXES_OF_HALVES)))


def measure_own_rates(crowd: Crowd) -> list[MeasuredRates]:
    """Return the rates of those of `MIXES` for which the crowd has people, as many as it has.

    None where too few of them have several pictures, by which alone it is told who is missed.
    """
    rows = [measured(crowd, mix) for mix in _possible(crowd, MIXES)]
    halves = _possible(_half(crowd, 0), MIXES_OF_HALVES)
    shared = [mix for mix in halves if mix in _possible(_half(crowd, 1), halves)]
    if len(rows) < 2 or not shared:
        return []
    return list(_with_deviations(rows, _between_halves(crowd, shared)))


def _possible(crowd: Crowd, mixes: Iterable[Mix]) -> list[Mix]:
    """Return the mixes with as many people as there are, different ones, of enough people."""
    fitting = dict.fromkeys(fitting_mix(crowd.photographs, mix) for mix in mixes)
    return [mix for mix in fitting if mix.often >= LEAST_REGULARS]


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


def _between_halves(crowd: Crowd, mixes: Iterable[Mix]) -> Deviations:
    halves = [_half(crowd, which) for which in (0, 1)]
    pairs = [tuple(measured(half, mix) for half in halves) for mix in mixes]
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
