"""Lets the same people come by each rule of counting, draw after draw."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np

from facegate.evaluation.counting.counting_rule import CountingRule, Policy
from facegate.evaluation.counting.mix import Mix
from facegate.evaluation.counting.sightings import Sighting, sightings
from facegate.evaluation.counting.simulated_gallery import FaceNumber, SimulatedGallery
from facegate.evaluation.counting.tally import CountedVisits, Tally
from facegate.evaluation.counting.visit_plan import VisitPlan, draw_plan
from facegate.evaluation.photographs import Photographs
from scoring.score_scale import ScoreScale

Progress = Callable[[int, int], None]
"""Called with the draws that are done and the draws in all."""


@dataclass(frozen=True, eq=False)
class Crowd:
    """The people who may come, and what they are compared by."""

    photographs: Photographs
    scale: ScoreScale


@dataclass(frozen=True)
class CountingPlan:
    """What to simulate: people of one mix, drawn so many times, from `seed`."""

    mix: Mix
    draws: int
    seed: int


@dataclass(frozen=True, eq=False)
class Drawn:
    """Who comes in one draw, and what is seen of it."""

    people: Crowd
    mix: Mix
    plan: VisitPlan
    seen: tuple[Sighting, ...]

    @classmethod
    def of(cls, people: Crowd, mix: Mix, random: np.random.Generator) -> Self:
        """Draw who comes. Raises BadRequest when there are too few people."""
        plan = draw_plan(people.photographs, mix, random)
        seen = tuple(sightings(people.photographs, plan.visits, people.scale.cohort))
        return cls(people, mix, plan, seen)

    def count(self, rule: CountingRule) -> Tally:
        """Let everybody come, and return what is counted."""
        gallery = self._gallery()
        named = [self._name(seen, rule, gallery) for seen in self.seen]
        counted = rule.persons(gallery)[named]
        person, store, day = np.array(
            [(visit.person, visit.store, visit.day) for visit in self.plan.visits]
        ).T
        return Tally.of(CountedVisits(person, counted, store, day, gallery.stores(counted)))

    def _name(self, seen: Sighting, rule: CountingRule, gallery: SimulatedGallery) -> FaceNumber:
        gallery.expire(seen.day - self.mix.retention)
        face = rule.name(seen, gallery)
        gallery.saw(face, seen.day)
        return face

    def _gallery(self) -> SimulatedGallery:
        """Return a gallery with the members, and room for a FaceId of every frame."""
        members = self.plan.members
        most = len(members) + sum(len(seen.tracks) for seen in self.seen)
        dimension = self.people.photographs.vectors.shape[1]
        gallery = SimulatedGallery(self.people.scale, dimension, most)
        for member in members:
            template = self.people.photographs.templates[member.photograph]
            gallery.enroll(template, member.store)
        return gallery


def simulate(
    people: Crowd, rules: Mapping[str, Policy], plan: CountingPlan, progress: Progress
) -> Mapping[str, list[Tally]]:
    """Return what each rule counts, draw by draw. Raises BadRequest: too few people."""
    tallies: dict[str, list[Tally]] = {name: [] for name in rules}
    for number in range(plan.draws):
        drawn = Drawn.of(people, plan.mix, np.random.default_rng((plan.seed, number)))
        for name, policy in rules.items():
            tallies[name].append(drawn.count(policy()))
        progress(number + 1, plan.draws)
    return tallies
