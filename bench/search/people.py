"""People to be searched: real ones who come again, among others who are drawn like them."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from bench.search.names import name_of
from contract.vectors import Vectors
from facegate.evaluation.counting.drawn_people import draw_people
from facegate.evaluation.photographs import Photographs

_AT_ONCE = 50_000
"""People drawn at once: they take half a gigabyte for a moment."""


class SearchedPeople(NamedTuple):
    """n people of whom a vector is enrolled; unit vectors, float32."""

    templates: Vectors
    """Shape (n, d): of real people, in even distances, and of drawn ones."""
    probes: Vectors
    """Shape (q, d): another picture each of real people."""
    whose: list[str]
    """Of each probe, the name of the person."""
    model: str

    @property
    def names(self) -> list[str]:
        """What the people are called, in their order."""
        return [name_of(number) for number in range(len(self.templates))]


def searched(real: Photographs, count: int, probes: int) -> SearchedPeople:
    """Return `count` people: the real ones with several pictures, and others of a mixture.

    The mixture is fitted to the real ones. Of their pictures the first of each is enrolled, and at
    most `probes` of the others come again. Second pictures that are drawn will not do: lists find
    fewer of those than of people's.
    """
    several = [rows for rows in real.of_each() if len(rows) > 1][:count]
    places = np.linspace(0, count - 1, len(several)).astype(np.intp)
    templates = np.concatenate(list(_drawn(real, count)))
    templates[places] = real.templates[[rows[0] for rows in several]]
    pictures = [
        (row, place) for rows, place in zip(several, places, strict=True) for row in rows[1:]
    ]
    some = np.linspace(0, len(pictures) - 1, min(probes, len(pictures))).astype(np.intp)
    coming = [pictures[number] for number in some]
    return SearchedPeople(
        templates,
        real.vectors[[row for row, _ in coming]],
        [name_of(int(place)) for _, place in coming],
        real.model,
    )


def _drawn(real: Photographs, count: int) -> Iterator[Vectors]:
    for seed, start in enumerate(range(0, count, _AT_ONCE)):
        yield draw_people(real, min(_AT_ONCE, count - start), 1, seed).vectors
