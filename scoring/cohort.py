"""How alike two faces are, on a scale that means the same for every face and every store.

Some faces are near to everybody, so one cosine cannot tell who is who. Each vector is therefore
placed among the cohort, vectors of other faces that are shipped with facegate: how near do
strangers come to this face? A score counts by how many deviations two faces are nearer to each
other than strangers are to each of them (adaptive s-norm on atanh of the cosine, which spreads the
cosines near 1, where people differ).

    vectors = unit(vectors)
    places = cohort.place(vectors)                       # of a template: once, when it is stored
    pair_scores(vectors @ templates.T, places.rows, places_of_templates)
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from contract.vectors import Vector, Vectors
from scoring.scoring_data import ScoringData

Floats = NDArray[np.float32]

_PLACING = 1
"""How `Cohort.place` places vectors: another number when the same cohort places them otherwise."""
_LARGEST_COSINE = 0.9999
"""Nearer than this is the same picture: atanh stays finite."""


class Places(NamedTuple):
    """How near strangers come to each of some faces."""

    mean: Floats
    """float32, shape (n,): of the likeness of the strangers who are most alike."""
    deviation: Floats
    """float32, shape (n,): of the same, averaged with what is typical."""

    @property
    def rows(self) -> Self:
        """The same with shape (n, 1): for the faces whose cosines are in rows."""
        return type(self)(self.mean[:, None], self.deviation[:, None])

    def of(self, picked: NDArray[np.integer[Any]]) -> Self:
        """The places of the faces with these numbers, in the shape of `picked`."""
        return type(self)(self.mean[picked], self.deviation[picked])

    def copied(self) -> Self:
        """The same in memory of their own."""
        return type(self)(self.mean.copy(), self.deviation.copy())

    @property
    def pairs(self) -> list[tuple[float, float]]:
        """Mean and deviation of each face, for a message."""
        return list(zip(self.mean.tolist(), self.deviation.tolist(), strict=True))

    @classmethod
    def joined(cls, parts: Iterable[Self]) -> Self:
        """Return the places of all parts, one after the other; at least one part."""
        return cls(*map(np.concatenate, zip(*parts, strict=True)))

    @classmethod
    def of_pairs(cls, pairs: Sequence[tuple[float, float]]) -> Self:
        """Return the places of one face or more from a message."""
        return cls(*np.array(pairs, np.float32).T)


@dataclass(frozen=True, eq=False)
class Cohort:
    """Faces that other people might have: drawn from a mixture of groups, no person's template."""

    faces: Vectors
    """float32, shape (m, d), unit length."""
    best: int
    """How many of the nearest faces place a vector."""
    typical: tuple[float, float]
    """Mean and deviation of the place of an ordinary vector."""
    typical_share: float = 0.25
    """What the typical deviation weighs beside a vector's own, which is told by few faces."""
    fused_extra: tuple[float, ...] = (0.0,)
    """Score that a stranger gains with a vector that is fused of 1, 2, 3, … pictures."""
    name: str | None = None
    """Where the name and the model are the same, so are the places; None: this one has no name."""

    @classmethod
    def from_data(cls, files: ScoringData, model: str) -> Self:
        """Return the cohort of these files for vectors of `model`.

        It was made with one model. For vectors of any other it is empty, and every vector has the
        typical place: scores are then cosines on another scale.
        """
        parameters, faces, digest = files
        known = faces if model == parameters.model else faces[:0]
        return cls(
            unit(known),
            parameters.best,
            parameters.typical,
            parameters.typical_share,
            parameters.fused_extra,
            name=f"{digest}-{_PLACING}",
        )

    @property
    def knows_the_model(self) -> bool:
        """False when the vectors are of a model that the cohort was not made with."""
        return len(self.faces) > 0

    def place(self, vectors: Vectors, pictures: Sequence[int] | None = None) -> Places:
        """Return how near strangers come to each of the unit `vectors` (n, d).

        `pictures` says of how many pictures each is fused: strangers come nearer to such vectors,
        so that scores of single and of fused templates compare. (For fused frames of a visit the
        threshold is higher instead.)
        """
        places = self._place(vectors)
        if pictures is None:
            return places
        extra = np.array(self.fused_extra, np.float32)
        gained = extra[np.minimum(pictures, len(extra)) - 1]
        return Places(places.mean + gained * places.deviation, places.deviation)

    def _place(self, vectors: Vectors) -> Places:
        mean, deviation = (np.full(len(vectors), value, np.float32) for value in self.typical)
        if not self.knows_the_model:
            return Places(mean, deviation)
        cosine = vectors @ self.faces.T
        nearest = likeness_of(np.partition(cosine, -self.best, axis=1)[:, -self.best :])
        own = nearest.std(axis=1) * np.float32(1 - self.typical_share)
        return Places(nearest.mean(axis=1), own + np.float32(self.typical_share) * deviation)


def unit(vectors: Vectors) -> Vectors:
    """Return the vectors, of shape (n, d) or (d,), at unit length; those of length 0 stay so."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    scaled: Vectors = (vectors / np.where(lengths > 0, lengths, 1)).astype(np.float32)
    return scaled


def fuse(vectors: Sequence[Vector] | Vectors) -> Vector:
    """Return the one vector of several frames, or of several photographs, of a person.

    It is the direction of the sum of the unit vectors, so a running sum is all that a track keeps.
    """
    return unit(np.sum(vectors, axis=0))


def likeness_of(cosine: Floats) -> Floats:
    """Return atanh of the cosines."""
    likeness: Floats = np.arctanh(np.clip(cosine, -_LARGEST_COSINE, _LARGEST_COSINE))
    return likeness


def pair_scores(cosine: Floats, probes: Places, templates: Places) -> Floats:
    """Return the score of each pair of a probe and a template, larger for more alike.

    The three have shapes that broadcast: (n, m) cosines, `probes.rows` and the places of m
    templates; or (n, k) cosines of a shortlist and places picked for it, each of shape (n, k).
    """
    likeness = likeness_of(cosine)
    return (likeness - probes.mean) / probes.deviation + (
        likeness - templates.mean
    ) / templates.deviation


def distance_of(cosine: Floats) -> Floats:
    """Return the L2 distance, 0 to 2, of unit vectors with these cosines."""
    distance: Floats = np.sqrt(np.maximum(2 - 2 * cosine, 0))
    return distance
