"""People drawn like real ones: a vector of each to be enrolled, and one of when they come again."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from bench.search.names import name_of
from contract.vectors import Vectors
from facegate.evaluation.counting.drawn_people import draw_people
from facegate.evaluation.photographs import Photographs

_AT_ONCE = 50_000
"""People drawn at once: they take half a gigabyte for a moment."""


class DrawnPeople(NamedTuple):
    """n people with two pictures each; unit vectors, float32."""

    templates: Vectors
    """Shape (n, d)."""
    probes: Vectors
    """Shape (q, d): the other picture of q of them, who are spread over all."""
    whose: list[str]
    """Of each probe, the name of the person."""
    model: str

    @property
    def names(self) -> list[str]:
        """What the people are called, in their order."""
        return [name_of(number) for number in range(len(self.templates))]


def drawn(real: Photographs, count: int, probes: int) -> DrawnPeople:
    """Return `count` people of a mixture fitted to `real` ones, `probes` of whom come again."""
    parts = list(_drawn(real, count))
    templates, others = (np.concatenate(part) for part in zip(*parts, strict=True))
    coming = np.linspace(0, count - 1, probes).astype(np.intp)
    return DrawnPeople(templates, others[coming], [name_of(int(n)) for n in coming], real.model)


def _drawn(real: Photographs, count: int) -> Iterator[tuple[Vectors, Vectors]]:
    for seed, start in enumerate(range(0, count, _AT_ONCE)):
        some = min(_AT_ONCE, count - start)
        pairs = draw_people(real, some, 2, seed).vectors.reshape(some, 2, -1)
        yield np.ascontiguousarray(pairs[:, 0]), np.ascontiguousarray(pairs[:, 1])
