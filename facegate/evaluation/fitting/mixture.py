"""Faces that strangers might have: drawn from a mixture of groups of alike people.

A group is a k-means cluster of people, each with one mean vector; all groups share one covariance.
What is drawn is the mean of a group and a random deviation: no one's vector.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from contract.vectors import Vectors
from facegate.evaluation.photographs import Rows
from scoring.cohort import unit

CLUSTERINGS = 10
"""Clusterings from different starts, so that no border between groups shows."""


class Mixture(NamedTuple):
    """Which groups there are, and how far from them is drawn."""

    people_a_group: int
    """On average."""
    least: int
    """Smaller groups are left out: their people could be told by them."""
    spread: float
    """Of the groups' own deviation, as much is drawn."""


USUAL = Mixture(people_a_group=13, least=11, spread=0.7)
"""Measured with dlib's network: fewer a group, more people can be told by the cohort; more, it is
worth less; a spread of 0.6 to 0.8 is alike, 1 is worse."""
MIXTURES = (
    USUAL,
    Mixture(people_a_group=30, least=25, spread=1.0),
    Mixture(people_a_group=50, least=40, spread=1.0),
)
"""Each gives fewer people away than the one before it. With MobileFaceNet the first one gives away
a fifth of the people, and all name as many; with dlib's network the second one names as many at an
FPIR of 1%, and 3 points fewer at 0.3% (docs/accuracy.md)."""
FACES = 9000
"""Two cohorts of so many are worth about the same; of 3,000, chance decided about half a point."""

_ROUNDS = 25


def draw_faces(people: Vectors, seed: int, count: int = FACES, mixture: Mixture = USUAL) -> Vectors:
    """Return `count` unit vectors drawn from a mixture of `people`, unit vectors (p, d).

    One after the other of the clusterings draws as many as the others, or one more.
    """
    random = np.random.default_rng(seed)
    drawn = []
    for part in np.array_split(np.arange(count), CLUSTERINGS):
        group = _cluster(people, len(people) // mixture.people_a_group, random)
        drawn.append(_draw(people, group, len(part), mixture, random))
    return np.concatenate(drawn)


def mean_vectors(vectors: Vectors, person: Rows) -> Vectors:
    """Return one unit vector for each person, the mean direction of their vectors."""
    sums = np.zeros((int(person.max()) + 1, vectors.shape[1]), np.float32)
    np.add.at(sums, person, vectors)
    return unit(sums)


def _cluster(people: Vectors, groups: int, random: np.random.Generator) -> Rows:
    """Return each person's group (spherical k-means)."""
    centres = people[random.choice(len(people), groups, replace=False)]
    for _ in range(_ROUNDS):
        nearest = (people @ centres.T).argmax(axis=1)
        sums = np.zeros_like(centres)
        np.add.at(sums, nearest, people)
        empty = np.bincount(nearest, minlength=groups) == 0
        sums[empty] = people[random.integers(len(people), size=int(empty.sum()))]
        centres = unit(sums)
    group: Rows = (people @ centres.T).argmax(axis=1)
    return group


def _draw(
    people: Vectors, group: Rows, count: int, mixture: Mixture, random: np.random.Generator
) -> Vectors:
    """Draw unit vectors around the means of the groups."""
    sizes = np.bincount(group)
    sums = np.zeros((len(sizes), people.shape[1]), np.float32)
    np.add.at(sums, group, people)
    means = (sums / np.maximum(sizes, 1)[:, None]).astype(np.float32)
    used = sizes >= mixture.least
    spread = _deviation((people - means[group])[used[group]], int(used.sum()))
    shares = np.where(used, sizes, 0) / sizes[used].sum()
    chosen = random.choice(len(sizes), size=count, p=shares)
    deviations = random.normal(size=(count, people.shape[1])) @ spread.T
    return unit((means[chosen] + mixture.spread * deviations).astype(np.float32))


def _deviation(residuals: Vectors, groups: int) -> NDArray[np.float64]:
    """Return the matrix that turns independent numbers into the residuals' joint deviation."""
    covariance = (residuals.T @ residuals).astype(np.float64) / (len(residuals) - groups)
    return np.asarray(np.linalg.cholesky(covariance + 1e-7 * np.eye(len(covariance))), np.float64)
