"""The visitors of an index as arrays: a copy, to compare them with each other."""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from contract.vectors import Vector, Vectors
from scoring.cohort import Places
from scoring.linkage import linking_places
from scoring.parameters import LinkingLimit


class VisitorFaces(NamedTuple):
    """Visitors' FaceIds, each with the mean direction of its templates, the oldest first."""

    face_ids: Sequence[str]
    vectors: Vectors
    """float32, shape (n, d), unit length."""
    places: Places
    """Those of the vectors among the cohort, each of shape (n,)."""
    templates: Sequence[Mapping[int, Vector]]
    """Of each FaceId the unit vectors of its templates, by their numbers."""
    distinct: Sequence[tuple[str, str]]
    """Pairs of FaceIds that were declared to be different people, whoever they are."""

    def linking_places(self, linking: LinkingLimit) -> Places:
        """Return the places by which it is told who is one person; these are all FaceIds."""
        templates = [len(own) for own in self.templates]
        return linking_places(self.places, templates, linking.per_e_fold)

    def oldest_first(self) -> "VisitorFaces":
        """Return the same in the order of their first templates."""
        return self._picked(sorted(range(len(self.face_ids)), key=lambda n: min(self.templates[n])))

    def without(self, face_ids: Collection[str]) -> "VisitorFaces":
        """Return the others."""
        return self._picked([n for n, name in enumerate(self.face_ids) if name not in face_ids])

    def after(self, face_id: str, most: int) -> "VisitorFaces":
        """Return the first `most` in the order of their names, of those that follow `face_id`."""
        named = sorted((name, n) for n, name in enumerate(self.face_ids) if name > face_id)
        return self._picked([n for _, n in named[:most]])

    def _picked(self, rows: Sequence[int]) -> "VisitorFaces":
        numbers = np.array(rows, np.intp)
        return VisitorFaces(
            [self.face_ids[row] for row in rows],
            self.vectors[numbers],
            self.places.of(numbers),
            [self.templates[row] for row in rows],
            self.distinct,
        )
