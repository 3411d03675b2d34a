"""What was counted, beside what is true."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facegate.evaluation.counting.mix import DAYS_A_MONTH, DAYS_A_WEEK
from facegate.evaluation.photographs import Rows


@dataclass(frozen=True, eq=False)
class CountedVisits:
    """Visits in the order in which they happened; all of shape (v,)."""

    person: Rows
    """Who came."""
    counted: Rows
    """Whom the count takes it for."""
    store: Rows
    day: Rows
    home: Rows
    """The store of the FaceId by which the visit is counted."""

    @property
    def roaming(self) -> int:
        """How many visits are counted as those of people of another store."""
        return int((self.home != self.store).sum())

    @property
    def true_roaming(self) -> int:
        """How many visits are those of people who came first to another store."""
        return int((_first(self.person, self.store) != self.store).sum())


@dataclass(frozen=True)
class Tally:
    """Numbers of one draw."""

    pv: int
    uv: int
    true_uv: int
    uv_by_day: int
    """The days' UV, summed."""
    true_uv_by_day: int
    uv_by_week: int
    true_uv_by_week: int
    uv_by_month: int
    true_uv_by_month: int
    new: int
    """Visits that are their person's first in their store, summed over the stores."""
    true_new: int
    roaming: int
    true_roaming: int
    parts: int
    """Pairs of a person and what they are counted as, that occur."""
    people_counted_once: int
    """People with one FaceId."""
    faceids_of_several: int
    """FaceIds by which several people are counted."""

    @classmethod
    def of(cls, visits: CountedVisits) -> "Tally":
        """Return the numbers of these visits."""
        person, counted = visits.person, visits.counted
        parts = np.unique(np.stack([person, counted]), axis=1)
        return cls(
            pv=len(person),
            uv=_distinct(counted),
            true_uv=_distinct(person),
            uv_by_day=_distinct(counted, visits.day),
            true_uv_by_day=_distinct(person, visits.day),
            uv_by_week=_distinct(counted, visits.day // DAYS_A_WEEK),
            true_uv_by_week=_distinct(person, visits.day // DAYS_A_WEEK),
            uv_by_month=_distinct(counted, visits.day // DAYS_A_MONTH),
            true_uv_by_month=_distinct(person, visits.day // DAYS_A_MONTH),
            new=_distinct(counted, visits.store),
            true_new=_distinct(person, visits.store),
            roaming=visits.roaming,
            true_roaming=visits.true_roaming,
            parts=parts.shape[1],
            people_counted_once=int((np.unique(parts[0], return_counts=True)[1] == 1).sum()),
            faceids_of_several=int((np.unique(parts[1], return_counts=True)[1] > 1).sum()),
        )

    @property
    def missed(self) -> float:
        """The chance that a visit of somebody known is not joined to them."""
        return (self.parts - self.true_uv) / max(1, self.pv - self.true_uv)

    @property
    def confused(self) -> float:
        """The share of people who vanish in the FaceId of somebody else."""
        return (self.parts - self.uv) / self.true_uv


def _distinct(*columns: NDArray[np.intp]) -> int:
    return int(np.unique(np.stack(columns), axis=1).shape[1])


def _first(person: Rows, store: Rows) -> Rows:
    """Return for each visit the store of the same person's first one."""
    _, first, number = np.unique(person, return_index=True, return_inverse=True)
    return store[first][number]
