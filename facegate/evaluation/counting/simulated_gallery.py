"""The FaceIds of all stores, searched as shards and gateway do."""

import numpy as np
from numpy.typing import NDArray

from contract.messages.by_kind import ByKind
from contract.vectors import Vector, Vectors
from facegate.evaluation.counting.sightings import FusedTrack
from facegate.evaluation.photographs import Rows
from scoring.cohort import Floats, Places, pair_scores
from scoring.false_rate import rate_per_side
from scoring.linkage import linking_places
from scoring.score_scale import ScoreScale

Mask = NDArray[np.bool_]
FaceNumber = int
"""Numbers FaceIds, in the order in which they were given."""


class SimulatedGallery:
    """One searched vector a FaceId, its store, and whether it is still kept."""

    def __init__(self, scale: ScoreScale, dimension: int, most: int) -> None:
        """There is room for `most` FaceIds, each a vector of that dimension."""
        self._cohort = scale.cohort
        self._parameters = scale.parameters
        self._vectors = np.zeros((most, dimension), np.float32)
        self._places = Places(np.zeros(most, np.float32), np.ones(most, np.float32))
        self._store = np.zeros(most, np.intp)
        self._member = np.zeros(most, np.bool_)
        self._kept = np.zeros(most, np.bool_)
        self._seen = np.zeros(most, np.intp)
        self._templates = np.zeros(most, np.intp)
        self._founding: list[tuple[Vector, Places]] = []
        """Of each FaceId what it was enrolled or minted with."""
        self.count = 0

    @property
    def visitors(self) -> Rows:
        """The numbers of the FaceIds of visitors that are kept."""
        kept: Rows = np.flatnonzero(self._kept[: self.count] & ~self._member[: self.count])
        return kept

    def vectors(self, numbers: Rows) -> Vectors:
        """Return the searched vectors of FaceIds, shape (n, d)."""
        found: Vectors = self._vectors[numbers]
        return found

    def linking_places(self, numbers: Rows) -> Places:
        """Return the places by which they are linked."""
        places, templates = self._places.of(numbers), self._templates[numbers].tolist()
        return linking_places(places, templates, self._parameters.linking.per_e_fold)

    def linking_limit(self, visitors: int) -> float:
        """Return the mean score from which groups among so many visitors are one person."""
        return self._parameters.linking.at(visitors)

    def stores(self, numbers: Rows) -> Rows:
        """Return the stores of FaceIds."""
        stores: Rows = self._store[numbers]
        return stores

    def enroll(self, vector: Vector, store: int) -> FaceNumber:
        """Store a member's template."""
        return self._add(vector, 1, store, member=True, day=0)

    def mint(self, track: FusedTrack, day: int) -> FaceNumber:
        """Give a stranger a FaceId."""
        return self._add(track.vector, track.frames, track.store, member=False, day=day)

    def learn(self, number: FaceNumber, vector: Vector, pictures: int) -> None:
        """Give a FaceId one more template: it is searched by the mean `vector` of all of them."""
        self._templates[number] += 1
        self._vectors[number] = vector
        for known, place in zip(
            self._places, self._cohort.place(vector[None], [pictures]), strict=True
        ):
            known[number] = place[0]

    def remove(self, number: FaceNumber) -> None:
        """Forget a FaceId."""
        self._kept[number] = False

    def saw(self, number: FaceNumber, day: int) -> None:
        """Remember that somebody came."""
        self._seen[number] = day

    def expire(self, before: int) -> None:
        """Erase visitors who were last seen before that day."""
        self._kept[: self.count] &= self._member[: self.count] | (
            self._seen[: self.count] >= before
        )

    def search(
        self, probe: FusedTrack, rates: ByKind[float], but: FaceNumber | None = None
    ) -> FaceNumber | None:
        """Return who it is: whom home knows, else whom another store knows, else None.

        A visitor whom a track of several frames resembles may be better known elsewhere. `but` is
        not compared.
        """
        score = self._scores(probe)
        home, others = self._sides(probe.store, but)
        sides = int(home.sum()), int(others.sum())
        at_home = self._best(score, home, self._needed(rates, probe.frames, sides))
        if at_home is not None and (self._member[at_home] or probe.frames == 1):
            return at_home
        needed = self._needed(rates, probe.frames, sides[::-1])
        elsewhere = self._best(score, others, needed)
        if at_home is None or (elsewhere is not None and score[elsewhere] > score[at_home]):
            return elsewhere
        return at_home

    def began_alike(self, number: FaceNumber, probe: FusedTrack, rates: ByKind[float]) -> bool:
        """Say whether a visitor of the own store passes by what the FaceId was minted of."""
        if self._member[number] or self._store[number] != probe.store:
            return False
        home, others = self._sides(probe.store)
        needed = self._needed(rates, probe.frames, (int(home.sum()), int(others.sum())))
        vector, place = self._founding[number]
        score = pair_scores(vector @ probe.vector, probe.place, place)
        return float(score[0]) >= needed.visitor

    def _scores(self, probe: FusedTrack) -> Floats:
        known = Places(*(part[: self.count] for part in self._places))
        return pair_scores(self._vectors[: self.count] @ probe.vector, probe.place, known)

    def _sides(self, store: int, but: FaceNumber | None = None) -> tuple[Mask, Mask]:
        """Return which FaceIds are searched in the own store, and which in the others."""
        kept = self._kept[: self.count].copy()
        if but is not None:
            kept[but] = False
        home = kept & (self._store[: self.count] == store)
        return home, kept & ~home

    def _passes(self, score: Floats, needed: ByKind[float]) -> Mask:
        passes: Mask = score >= np.where(self._member[: self.count], *needed)
        return passes

    def _best(self, score: Floats, searched: Mask, needed: ByKind[float]) -> FaceNumber | None:
        """Return who of those `searched` is the most alike of those who pass."""
        passing = np.flatnonzero(searched & self._passes(score, needed))
        return int(passing[score[passing].argmax()]) if len(passing) else None

    def _needed(self, rates: ByKind[float], frames: int, sides: tuple[int, int]) -> ByKind[float]:
        """Return the scores needed; `sides` are the FaceIds here and on the other side."""
        here, _ = sides
        return ByKind(
            *(
                self._parameters.threshold(here, rate_per_side(rate, *sides), frames)
                for rate in rates
            )
        )

    def _add(
        self, vector: Vector, pictures: int, store: int, *, member: bool, day: int
    ) -> FaceNumber:
        number = self.count
        self.count += 1
        self._store[number], self._member[number], self._kept[number] = store, member, True
        self._seen[number] = day
        self.learn(number, vector, pictures)
        self._founding.append((vector, self._places.of(np.array([number]))))
        return number
