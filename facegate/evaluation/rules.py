"""The rules that are compared: each gives a pair of faces a number, larger for more alike."""

from typing import Protocol

import numpy as np

from facegate.evaluation.photographs import Photographs, Rows
from scoring.cohort import Cohort, Floats, pair_scores, unit

PLAIN_LIMIT = 0.6
"""The distance below which the plain rule takes two faces for one person."""


class Rule(Protocol):
    """Compares visits with the templates of a gallery."""

    def scores(self, frames: Rows, gallery: Rows) -> Floats:
        """Return how alike each visit, (v, f) photographs, and each template (g,) are: (v, g)."""


class FacegateRule:
    """Mirrored unit vectors, fused over the frames, scored against the cohort."""

    def __init__(self, photographs: Photographs, cohort: Cohort) -> None:
        self._vectors = photographs.vectors
        self._templates = photographs.templates
        self._cohort = cohort
        self._places = cohort.place(photographs.templates)

    def scores(self, frames: Rows, gallery: Rows) -> Floats:
        """See Rule."""
        probes = unit(self._vectors[frames].sum(axis=1))
        cosines = probes @ self._templates[gallery].T
        return pair_scores(cosines, self._cohort.place(probes).rows, self._places.of(gallery))


class PlainRule:
    """L2 distance of the network's plain vectors, of the first frame: what tutorials show."""

    def __init__(self, photographs: Photographs) -> None:
        self._vectors = photographs.plain
        self._squares = np.square(photographs.plain).sum(axis=1)

    def scores(self, frames: Rows, gallery: Rows) -> Floats:
        """See Rule. Scores are negative distances."""
        probes = frames[:, 0]
        products = self._vectors[probes] @ self._vectors[gallery].T
        squared = self._squares[probes, None] + self._squares[gallery] - 2 * products
        distances: Floats = -np.sqrt(np.maximum(squared, 0))
        return distances
