"""What an index knows of each FaceId beside its vector, by number."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from shard.gallery.change import PARTITIONS, FaceNumbers, Partition

STATE = np.dtype(
    [
        ("partition", np.uint8),
        ("templates", np.uint16),
        ("provisional", np.bool_),
        ("place_stored", np.bool_),
    ]
)
"""`partition` is 0 for a number that is not in the index; else 1 + its place in PARTITIONS."""

States = NDArray[np.void]
"""Structured arrays of what is known of some FaceIds, shape (n,)."""


class FaceStates:
    """Five bytes for each number up to the largest; `templates` and `provisional` are totals."""

    def __init__(self) -> None:
        self._states = np.zeros(0, STATE)
        self.templates = 0
        self.provisional = 0

    def release(self, numbers: FaceNumbers) -> Mapping[Partition, FaceNumbers]:
        """Forget what is known of these numbers; return those that were known, by partition."""
        known = numbers[numbers < len(self._states)]
        states = self._states[known]
        self._count(states, -1)
        self._states[known] = np.zeros((), STATE)
        return {name: known[states["partition"] == code] for code, name in enumerate(PARTITIONS, 1)}

    def put(
        self,
        numbers: FaceNumbers,
        partitions: NDArray[np.int64],
        templates: NDArray[np.int64],
        provisional: NDArray[np.bool_],
        place_stored: NDArray[np.bool_],
    ) -> None:
        """Note what is known of numbers, of which nothing was: arrays of one shape, (n,)."""
        if not len(numbers):
            return
        states = np.zeros(len(numbers), STATE)
        states["partition"] = partitions + 1
        states["templates"] = templates
        states["provisional"] = provisional
        states["place_stored"] = place_stored
        self.put_back(numbers, states)

    def put_back(self, numbers: FaceNumbers, states: States) -> None:
        """Note what was known of numbers, of which nothing is."""
        self._reach(int(numbers.max()))
        self._states[numbers] = states
        self._count(states, 1)

    def are_new(self, numbers: FaceNumbers) -> NDArray[np.bool_]:
        """Say of each number whether nothing is known of it."""
        new = np.ones(len(numbers), np.bool_)
        reached = numbers < len(self._states)
        new[reached] = self._states["partition"][numbers[reached]] == 0
        return new

    def of(self, numbers: FaceNumbers) -> States:
        """Return the states of numbers that are known."""
        return self._states[numbers]

    def known(self, *partitions: Partition) -> NDArray[np.bool_]:
        """Say of every number whether it is in one of these partitions."""
        codes = [PARTITIONS.index(name) + 1 for name in partitions]
        return np.isin(self._states["partition"], codes)

    def without_stored_place(self, most: int) -> FaceNumbers:
        """Return the first `most` of the numbers whose places are not in the record."""
        states = self._states
        waiting = np.flatnonzero((states["partition"] > 0) & ~states["place_stored"])
        return waiting[:most].astype(np.int64)

    @property
    def places_stored(self) -> int:
        """How many places are in the record."""
        return int(np.count_nonzero(self._states["place_stored"]))

    def note_stored_places(self, numbers: FaceNumbers) -> None:
        """Note that the places of these numbers are in the record."""
        self._states["place_stored"][numbers] = True

    def _count(self, states: States, sign: int) -> None:
        self.templates += sign * int(states["templates"].sum())
        self.provisional += sign * int(np.count_nonzero(states["provisional"]))

    def _reach(self, number: int) -> None:
        """Make room for the numbers up to this one."""
        known = len(self._states)
        if number >= known:
            larger = np.zeros(max(number + 1, 2 * known), STATE)
            larger[:known] = self._states
            self._states = larger
