"""Scores of everybody with everybody, each pair by a cohort that knows neither of the two."""

from dataclasses import dataclass, field

import numpy as np

from contract.vectors import Vectors
from facegate.evaluation.fitting.mixture import USUAL, Mixture, draw_faces, mean_vectors
from facegate.evaluation.fitting.split import fold
from facegate.evaluation.photographs import Photographs, Rows
from scoring.cohort import Cohort, Floats, pair_scores

FOLDS = 12
"""Each pair of people is scored by a cohort of the ten twelfths that know neither."""


@dataclass
class CrossFit:
    """Cohorts of the people outside each pair of folds; each is made once, when it is asked for."""

    photographs: Photographs
    best: int
    typical: tuple[float, float]
    typical_share: float
    seed: int
    mixture: Mixture = USUAL
    _cohorts: dict[tuple[int, int], Cohort] = field(default_factory=dict)

    def folds(self) -> Rows:
        """Return the fold of each person."""
        return np.array([fold(person, FOLDS) for person in self.photographs.people])

    def cohort(self, one: int, other: int) -> Cohort:
        """Return the cohort without these folds."""
        key = (min(one, other), max(one, other))
        if key not in self._cohorts:
            rows = ~np.isin(self.folds()[self.photographs.person], key)
            _, person = np.unique(self.photographs.person[rows], return_inverse=True)
            people = mean_vectors(self.photographs.vectors[rows], person)
            faces = draw_faces(people, self.seed, mixture=self.mixture)
            self._cohorts[key] = Cohort(faces, self.best, self.typical, self.typical_share)
        return self._cohorts[key]

    def scores(
        self, probes: Vectors, person: Rows, templates: Vectors, owner: Rows | None = None
    ) -> Floats:
        """Return the scores of probes of `person` with templates of `owner`, or of everybody."""
        folds = self.folds()
        owners = folds if owner is None else folds[owner]
        scores = np.empty((len(probes), len(templates)), np.float32)
        for one in range(FOLDS):
            rows = np.flatnonzero(folds[person] == one)
            for other in range(FOLDS):
                columns = np.flatnonzero(owners == other)
                cohort = self.cohort(one, other)
                scores[np.ix_(rows, columns)] = pair_scores(
                    probes[rows] @ templates[columns].T,
                    cohort.place(probes[rows]).rows,
                    cohort.place(templates[columns]),
                )
        return scores

    def typical_place(self) -> tuple[float, float]:
        """Return mean and deviation of the places of people, by cohorts that do not know them."""
        means, deviations = [], []
        for one in range(FOLDS):
            rows = self.folds()[self.photographs.person] == one
            cohort = self.cohort(one, one)
            plain = Cohort(cohort.faces, cohort.best, self.typical, typical_share=0)
            place = plain.place(self.photographs.vectors[rows])
            means.append(place.mean)
            deviations.append(place.deviation)
        return float(np.concatenate(means).mean()), float(np.concatenate(deviations).mean())
