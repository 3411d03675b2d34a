"""How wrongly a store's own people would be counted as visitors whom nobody enrolled.

Each of their pictures comes as a visit, in random order: it joins the FaceId that is most alike, if
it is alike enough, or makes another one; at the end FaceIds that are one person are joined, as
looking again does (`scoring.linkage`).
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from contract.vectors import Vector, Vectors
from scoring.cohort import Places, fuse, pair_scores
from scoring.linkage import linked_groups, linking_places
from scoring.score_scale import ScoreScale

MOST_VISITS = 1000
"""Of a larger store so many pictures come, those of people drawn by lot."""

Rows = NDArray[np.intp]
Counts = NDArray[np.float64]


class CountingErrors(NamedTuple):
    """What each person contributes to the errors of counting; arrays of shape (people,)."""

    missed: Counts
    """FaceIds that the visits of the person have, but one."""
    visits: Counts
    """Visits but one: those that could be missed."""
    confused: Counts
    """How much of the person vanishes in FaceIds of others: a FaceId of q people loses q - 1."""


def counting_errors(
    owned: Mapping[str, Sequence[Vector]], scale: ScoreScale, rate: float
) -> CountingErrors:
    """Let the people of `owned`, unit templates by FaceId, come, and count them; one or more.

    `rate` is the share of strangers who may be taken for a visitor.
    """
    random = np.random.default_rng(0)
    vectors, person = _visits(owned, random)
    counted = _looked_again(vectors, _named(vectors, scale, rate), scale)
    pairs = np.unique(np.stack([person, counted]), axis=1)
    of_others = 1 - 1 / np.bincount(pairs[1])[pairs[1]]
    return CountingErrors(
        missed=np.bincount(pairs[0]).astype(np.float64) - 1,
        visits=np.bincount(person).astype(np.float64) - 1,
        confused=np.bincount(pairs[0], of_others).astype(np.float64),
    )


def _visits(
    owned: Mapping[str, Sequence[Vector]], random: np.random.Generator
) -> tuple[Vectors, Rows]:
    """Return the pictures that come, in their order, and the number of the person of each."""
    vectors: list[Vector] = []
    person: list[int] = []
    people = list(owned.values())
    for number, drawn in enumerate(random.permutation(len(people))):
        if len(vectors) + len(people[drawn]) > MOST_VISITS:
            break
        vectors += people[drawn]
        person += [number] * len(people[drawn])
    order = random.permutation(len(vectors))
    return np.array(vectors, np.float32)[order], np.array(person, np.intp)[order]


def _named(vectors: Vectors, scale: ScoreScale, rate: float) -> Rows:
    """Return for each visit the number of its FaceId; that is known by its first picture."""
    places = scale.cohort.place(vectors)
    minted: list[int] = []
    named = np.zeros(len(vectors), np.intp)
    for visit, vector in enumerate(vectors):
        known = np.array(minted, np.intp)
        own = Places(places.mean[visit : visit + 1], places.deviation[visit : visit + 1])
        scores = pair_scores(vectors[known] @ vector, own, places.of(known))
        needed = scale.parameters.threshold(len(known), rate)
        if len(known) and scores.max() >= needed:
            named[visit] = scores.argmax()
        else:
            named[visit] = len(minted)
            minted.append(visit)
    return named


def _looked_again(vectors: Vectors, named: Rows, scale: ScoreScale) -> Rows:
    """Return the FaceId of each visit after those that are one person are joined."""
    count = int(named.max()) + 1
    faces = [vectors[named == number] for number in range(count)]
    fused = np.stack([fuse(of_face) for of_face in faces])
    templates = [len(of_face) for of_face in faces]
    linking = scale.parameters.linking
    placed = scale.cohort.place(fused, templates)
    places = linking_places(placed, templates, linking.per_e_fold)
    joined = np.arange(count)
    for group in linked_groups(fused, places, linking.at(count)):
        joined[list(group.rows)] = group.rows[0]
    return joined[named]
