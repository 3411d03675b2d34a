"""The faces of a cohort tell little of the people they are drawn from."""

import numpy as np

from contract.vectors import Vectors
from facegate.evaluation.fitting.mixture import MIXTURES, Mixture, draw_faces
from scoring.cohort import unit

PEOPLE, DIMENSION, FACES = 600, 64, 2000


def told_by(mixture: Mixture, people: Vectors, strangers: Vectors) -> float:
    """Return the share of the people who are nearer to the cohort than 99% of strangers are."""
    faces = draw_faces(people, seed=1, count=FACES, mixture=mixture)
    known, unknown = ((some @ faces.T).max(axis=1) for some in (people, strangers))
    return float((known > np.quantile(unknown, 0.99)).mean())


def test_each_mixture_gives_fewer_people_away_than_the_one_before_it() -> None:
    random = np.random.default_rng(1)
    everybody = unit(random.normal(size=(2 * PEOPLE, DIMENSION)).astype(np.float32))

    told = [told_by(mixture, *np.split(everybody, 2)) for mixture in MIXTURES]

    assert told == sorted(told, reverse=True)
    assert told[0] > 0.15
    assert told[1] < told[0] / 2
