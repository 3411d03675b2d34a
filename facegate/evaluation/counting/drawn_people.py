"""More people than there are: drawn from a mixture fitted to real ones, and so their pictures.

A person is drawn as the cohort's faces are. A picture is the person and the deviation of a real
picture of somebody else from the mean of that one's pictures, drawn by lot: so there are as many
bad pictures as among real ones. Two numbers are fitted so that `missed` and `confused` come out as
with the real people of whom the mixture was made, 200 of them and 750.
"""

import numpy as np

from facegate.evaluation.fitting.expectation import Doubles
from facegate.evaluation.fitting.mixture import USUAL, draw_faces, mean_vectors
from facegate.evaluation.photographs import Photographs
from scoring.cohort import unit

_MIXTURE = USUAL._replace(spread=0.75)
"""Larger than that of the cohort: there are fewer look-alikes."""
_BADNESS = 1.06
"""What the deviations of pictures are multiplied by."""


def draw_people(real: Photographs, count: int, pictures: int, seed: int) -> Photographs:
    """Return so many people with so many pictures each."""
    random = np.random.default_rng(seed)
    deviations, weights = _deviations(real)
    persons = draw_faces(mean_vectors(real.vectors, real.person), seed, count, _MIXTURE)
    length = np.sqrt(1 - weights @ np.square(deviations).sum(axis=1))
    chosen = random.choice(len(deviations), size=count * pictures, p=weights)
    person = np.repeat(np.arange(count), pictures)
    drawn = length * persons[person] + _BADNESS * deviations[chosen]
    vectors = unit(drawn.astype(np.float32))
    names = tuple(f"drawn-{number:06}" for number in range(count))
    return Photographs(names, person, vectors, vectors, vectors, real.model)


def _deviations(real: Photographs) -> tuple[Doubles, Doubles]:
    """Return how pictures deviate from their person's mean, (n, d), and their weights, (n,).

    Of people with several pictures, who weigh alike; as large as the deviations from the person
    would be, of which the mean of few pictures has taken its part.
    """
    each = np.bincount(real.person)[real.person]
    sums = np.zeros((len(real.people), real.vectors.shape[1]))
    np.add.at(sums, real.person, real.vectors)
    means = sums / np.bincount(real.person)[:, None]
    several = each > 1
    of_mean = (real.vectors - means[real.person])[several]
    each = each[several]
    weights = 1 / each / np.sum(1 / each)
    return of_mean * np.sqrt(each / (each - 1))[:, None], weights
