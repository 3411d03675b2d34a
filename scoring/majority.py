"""Which pictures of one FaceId show the same person: the person on more than half of them.

Where no person is on more than half, none of them is kept.
"""

from collections.abc import Sequence
from typing import TypeVar

MOST_COMPARED = 24
"""Pictures of one FaceId that are compared with one another; the others are compared with these."""
DIGESTS = r"^([0-9a-f]{64}(,[0-9a-f]{64}){0,99})?$"
"""Digests with commas that one picture is compared with at a time."""

NOBODY = "no person is on more than half of the {count} pictures of {face_id}"
"""Why pictures are left out of which none can be taken for the FaceId's own."""

_NOT_ALIKE = -100.0
"""Score with a picture that is no longer kept, because too many others came."""

T = TypeVar("T")


def sample(pictures: Sequence[T]) -> Sequence[T]:
    """Return at most `MOST_COMPARED` of the pictures, from the whole of their order."""
    if len(pictures) <= MOST_COMPARED:
        return pictures
    return [pictures[n * len(pictures) // MOST_COMPARED] for n in range(MOST_COMPARED)]


def majority(scores: Sequence[Sequence[float]], needed: float) -> list[int]:
    """Return which pictures show the person whom most show; none unless more than half do.

    `scores` (n, n) say how alike each two are; from `needed` on they show one person. It is the
    person on the picture that is like most others.
    """
    everyone = range(len(scores))
    alike = [[n for n in everyone if n == one or scores[one][n] >= needed] for one in everyone]

    def typical(one: int) -> tuple[int, float]:
        return len(alike[one]), sum(scores[one][n] for n in alike[one] if n != one)

    person = alike[max(everyone, key=typical)]
    return person if 2 * len(person) > len(scores) else []


def square(lower: Sequence[Sequence[float | None]]) -> list[list[float]]:
    """Return the scores of all pairs; `lower` has those of each picture with the ones before."""
    everyone = range(len(lower))
    return [
        [0.0 if one == other else _score(lower, one, other) for other in everyone]
        for one in everyone
    ]


def _score(lower: Sequence[Sequence[float | None]], one: int, other: int) -> float:
    score = lower[max(one, other)][min(one, other)]
    return _NOT_ALIKE if score is None else score
