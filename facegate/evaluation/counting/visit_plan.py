"""Draws who comes when, and with which photographs."""

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from contract.errors import BadRequest
from facegate.evaluation.counting.mix import Mix
from facegate.evaluation.photographs import Photographs, Rows


class PlannedVisit(NamedTuple):
    """One person in one store on one day."""

    day: int
    person: int
    store: int
    frames: Rows
    """Shape (f,): numbers of photographs."""


class PlannedMember(NamedTuple):
    """A person who is enrolled before anybody comes."""

    person: int
    store: int
    photograph: int


@dataclass(frozen=True)
class VisitPlan:
    """All visits in the order in which they happen, and who is enrolled."""

    visits: tuple[PlannedVisit, ...]
    members: tuple[PlannedMember, ...]


def fitting_mix(photographs: Photographs, mix: Mix) -> Mix:
    """Return `mix`, with as many people of each kind as there are photographs for."""
    each = np.bincount(photographs.person)
    often = min(mix.often, int((each >= _needed(mix)).sum()))
    once = min(mix.once, int((each >= mix.frames).sum()) - often)
    members = min(mix.members, often)
    return replace(mix, often=often, once=once, members=members)


def draw_plan(photographs: Photographs, mix: Mix, random: np.random.Generator) -> VisitPlan:
    """Draw people by lot, the photographs of their visits, their stores and days.

    Raises BadRequest when there are not enough people with enough photographs.
    """
    of_each = [random.permutation(rows) for rows in photographs.of_each()]
    often, once = _choose(of_each, mix, random)
    visits: list[PlannedVisit] = []
    members: list[PlannedMember] = []
    for number, person in enumerate(often):
        stores, pictures = _stores(mix, random), of_each[person]
        if number < mix.members:
            members.append(PlannedMember(person, stores[0], int(pictures[0])))
            pictures = pictures[1:]
        count = int(random.integers(mix.visits[0], mix.visits[1] + 1))
        visits += _visits_of(person, _cut(pictures, mix)[:count], stores, mix.days, random)
    for person in once:
        frames = _cut(of_each[person], mix)[:1]
        visits += _visits_of(person, frames, _stores(mix, random), mix.days, random)
    order = np.lexsort((random.random(len(visits)), np.array([visit.day for visit in visits])))
    return VisitPlan(tuple(visits[place] for place in order), tuple(members))


def _choose(
    of_each: list[Rows], mix: Mix, random: np.random.Generator
) -> tuple[list[int], list[int]]:
    """Return who comes often and who comes once."""
    shuffled = random.permutation(len(of_each))
    able = [int(person) for person in shuffled if len(of_each[person]) >= _needed(mix)]
    often = able[: mix.often]
    chosen = set(often)
    others = [int(p) for p in shuffled if p not in chosen and len(of_each[p]) >= mix.frames]
    once = others[: mix.once]
    if len(often) < mix.often or len(once) < mix.once:
        raise BadRequest(
            f"there are pictures for {len(able)} people who come again and {len(others)} others;"
            f" {mix.often} and {mix.once} are wanted"
        )
    return often, once


def _needed(mix: Mix) -> int:
    """Return the photographs of who comes again: of the fewest visits, and one to be enrolled."""
    return mix.visits[0] * mix.frames + (1 if mix.members else 0)


def _cut(pictures: Rows, mix: Mix) -> Rows:
    """Return the photographs of one visit after the other, shape (v, f), at most one a day."""
    count = min(len(pictures) // mix.frames, mix.days)
    return pictures[: count * mix.frames].reshape(count, mix.frames)


def _stores(mix: Mix, random: np.random.Generator) -> list[int]:
    both = mix.stores > 1 and random.random() < mix.elsewhere
    return [int(store) for store in random.permutation(mix.stores)[: 2 if both else 1]]


def _visits_of(
    person: int, frames: Rows, stores: list[int], days: int, random: np.random.Generator
) -> list[PlannedVisit]:
    """Return visits to `stores` in turn, with `frames` of shape (v, f)."""
    chosen = np.sort(random.permutation(days)[: len(frames)]).tolist()
    return [
        PlannedVisit(day, person, stores[number % len(stores)], frames[number])
        for number, day in enumerate(chosen)
    ]
