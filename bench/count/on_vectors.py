"""Counting on stored vectors: the estimate draw after draw, and as many visitors as a chain has."""

import time
from typing import NamedTuple

import numpy as np

from facegate.evaluation.counting.measured_rates import USUAL_RATES
from facegate.evaluation.counting.mix import Mix
from facegate.evaluation.counting.policies import SHIPPED, policies
from facegate.evaluation.counting.simulation import CountingPlan, Crowd, Progress, simulate
from facegate.evaluation.counting.tally import Tally
from facegate.evaluation.counting.visit_plan import fitting_mix
from facegate.evaluation.fitting.mixture import draw_faces, mean_vectors
from scoring.counting_rates import CountingTable, SeenVisits, counting_table
from scoring.linkage import linked_groups
from scoring.visitor_estimate import CountEstimate, estimate


class IntervalDraws(NamedTuple):
    """Estimates of the same mix of people, drawn again and again."""

    tallies: list[Tally]
    estimates: list[CountEstimate]

    @property
    def holds(self) -> float:
        """The share of the draws whose interval holds the true number."""
        pairs = zip(self.tallies, self.estimates, strict=True)
        return float(np.mean([one.low <= tally.true_uv <= one.high for tally, one in pairs]))

    @property
    def half_width(self) -> float:
        """Half of the widest interval, as a share of the true number."""
        pairs = zip(self.tallies, self.estimates, strict=True)
        return max((one.high - one.low) / 2 / tally.true_uv for tally, one in pairs)

    @property
    def off(self) -> float:
        """By which part the estimates are off in the mean."""
        pairs = zip(self.tallies, self.estimates, strict=True)
        return float(np.mean([one.value / tally.true_uv - 1 for tally, one in pairs]))


def draw_intervals(crowd: Crowd, mix: Mix, draws: int, seed: int, show: Progress) -> IntervalDraws:
    """Count as the release does, and estimate, in each draw.

    By dlib's rates where none were measured with the crowd's own network.
    """
    plan = CountingPlan(fitting_mix(crowd.photographs, mix), draws, seed)
    rules = {SHIPPED: policies(USUAL_RATES)[SHIPPED]}
    tallies = simulate(crowd, rules, plan, show)[SHIPPED]
    table = crowd.scale.counting or counting_table()
    return IntervalDraws(tallies, [_estimate(tally, mix.frames, table) for tally in tallies])


def _estimate(tally: Tally, frames: int, table: CountingTable) -> CountEstimate:
    rates = table.at(SeenVisits(tally.uv, tally.pv, frames))
    return estimate(tally.uv, tally.pv, rates)


def seconds_to_look_again(crowd: Crowd, visitors: int) -> float:
    """Return the CPU seconds in which so many visitors, drawn like `crowd`, are looked at again."""
    photographs = crowd.photographs
    people = mean_vectors(photographs.vectors, photographs.person)
    vectors = draw_faces(people, seed=1, count=visitors)
    places, limit = crowd.scale.cohort.place(vectors), crowd.scale.parameters.linking.at(visitors)
    started = time.process_time()
    linked_groups(vectors, places, limit)
    return time.process_time() - started
