"""Who comes to a store: random galleries, and the visits of members and strangers to them."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from facegate.evaluation.photographs import Photographs, Rows


class VisitSet(NamedTuple):
    """Some visits, each of one person in `f` frames."""

    frames: Rows
    """Shape (v, f): numbers of photographs."""
    person: Rows
    """Shape (v,)."""


@dataclass(frozen=True, eq=False)
class Draw:
    """A gallery with one photograph a person, and who comes."""

    gallery: Rows
    """Shape (g,): the photograph of each person in the gallery."""
    members: VisitSet
    """With other photographs than the gallery's."""
    strangers: VisitSet


def draw(photographs: Photographs, gallery: int, frames: int, random: np.random.Generator) -> Draw:
    """Put `gallery` people, drawn by lot, into the gallery; the others are strangers.

    A person's photographs, for members without the gallery's, are shuffled and cut into visits of
    `frames` photographs; those of which there are too few do not come.
    """
    chosen = random.permutation(len(photographs.people))[:gallery]
    of_each = [random.permutation(rows) for rows in photographs.of_each()]
    is_member = np.isin(np.arange(len(of_each)), chosen)
    others = [rows[1:] if member else rows for rows, member in zip(of_each, is_member, strict=True)]
    return Draw(
        gallery=np.array([of_each[number][0] for number in chosen], np.intp),
        members=_visits(others, np.flatnonzero(is_member), frames),
        strangers=_visits(others, np.flatnonzero(~is_member), frames),
    )


def _visits(photographs: list[Rows], people: Rows, frames: int) -> VisitSet:
    cut = [
        photographs[number][: len(photographs[number]) // frames * frames].reshape(-1, frames)
        for number in people
    ]
    return VisitSet(
        frames=np.concatenate([np.zeros((0, frames), np.intp), *cut]),
        person=np.repeat(people, [len(visits) for visits in cut]),
    )
