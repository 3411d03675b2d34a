"""How well vectors tell people apart: cosines of pairs of one person, and of two."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Cosines = NDArray[np.float32]
"""float32, shape (n,)."""


class Separation(NamedTuple):
    """The cosines of pairs of pictures."""

    same: Cosines
    """Of one person."""
    others: Cosines
    """Of two people."""

    @classmethod
    def of(cls, vectors: NDArray[np.float32], people: NDArray[np.intp]) -> "Separation":
        """Return those of n pictures, unit vectors (n, d), of the people (n,)."""
        one, other = np.triu_indices(len(vectors), 1)
        cosines = np.vecdot(vectors[one], vectors[other])
        is_same = people[one] == people[other]
        return cls(cosines[is_same], cosines[~is_same])

    @property
    def decidability(self) -> float:
        """Distance of the two means in deviations, d′.

        Daugman, "The importance of being random" (Pattern Recognition 36, 2003). It does not depend
        on the scale of a network, on which strangers may be alike by 0 or by .9.
        """
        spread = float(np.sqrt((self.same.var() + self.others.var()) / 2))
        apart = float(self.same.mean() - self.others.mean())
        return apart / spread if spread > 0 else 0.0
