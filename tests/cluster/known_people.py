"""People of a chain, and how alike they are to probes by one flat index over all of them."""

from typing import NamedTuple

import faiss
import numpy as np

from contract.vectors import Vector, Vectors
from encoder import load_encoder
from scoring.cohort import Cohort, distance_of, fuse, pair_scores, unit
from tests.pictures import SHARED

NOISE = 0.02
"""By how much each number of a vector differs between two pictures of a person."""
_TWIN_NOISE = 0.03


class Person(NamedTuple):
    """Somebody whom the chain knows.

    Each of `vectors` is a template. With `is_merged`, the last one was enrolled as another FaceId,
    which was merged into this one.
    """

    name: str
    vectors: list[Vector]
    is_merged: bool = False
    roams: bool = True
    apart_from: str | None = None
    """Who this is not, although they look alike."""

    @property
    def alias(self) -> str:
        """The FaceId that was merged into this one."""
        return f"{self.name}-alias"


class Likeness(NamedTuple):
    """A person, how alike to a probe, and how far from it."""

    person: Person
    score: float
    distance: float


class People(NamedTuple):
    """`probes` are other pictures, of strangers too."""

    known: list[Person]
    probes: Vectors

    @property
    def roaming(self) -> list[Person]:
        """Whom other stores may find."""
        return [person for person in self.known if person.roams]

    def flat_search(self, cohort: Cohort) -> list[list[Likeness]]:
        """Return for each probe all people, best first, by one flat index over the whole chain."""
        means = np.stack([fuse(person.vectors) for person in self.known])
        templates = cohort.place(means, [len(person.vectors) for person in self.known])
        index = faiss.IndexFlatIP(means.shape[1])
        index.add(means)
        cosines, rows = index.search(self.probes, len(self.known))
        scores = pair_scores(cosines, cohort.place(self.probes).rows, templates.of(rows))
        return [
            sorted(
                (
                    Likeness(self.known[row], float(score), float(distance))
                    for score, distance, row in zip(*found, strict=True)
                ),
                key=lambda likeness: -likeness.score,
            )
            for found in zip(scores, distance_of(cosines), rows, strict=True)
        ]


def drawn_people(cohort: Cohort) -> People:
    """Return 300 people drawn like those of the cohort, and probes of some of them and of no one.

    Every third has two templates, every fifth one of a FaceId that was merged into theirs. Seven
    have a twin in the same store who does not roam.
    """
    rng = np.random.default_rng(7)

    def drawn(count: int) -> Vectors:
        mean, spread = cohort.faces.mean(axis=0), np.cov(cohort.faces.T)
        return unit(rng.multivariate_normal(mean, spread, count).astype(np.float32))

    def pictures(vectors: Vectors, noise: float = NOISE) -> Vectors:
        return unit((vectors + rng.normal(scale=noise, size=vectors.shape)).astype(np.float32))

    faces, known = drawn(300), []
    for number, face in enumerate(faces):
        count = 1 + (number % 3 == 0) + (number % 5 == 0)
        vectors = list(pictures(np.repeat(face[None], count, axis=0)))
        known.append(Person(f"person-{number}", vectors, is_merged=number % 5 == 0))
    others = pictures(faces[70:77], _TWIN_NOISE)
    twins = [
        Person(f"twin-{number}", [vector], roams=False, apart_from=f"person-{number}")
        for number, vector in enumerate(others, 70)
    ]
    probes = np.concatenate([pictures(faces[:60]), pictures(others), drawn(30)])
    return People([*known, *twins], probes)


def photographed_people() -> People:
    """Return people of Labeled Faces in the Wild with one photograph or two, and 20 strangers."""
    encoder = load_encoder()

    def vectors_of(count: int, photographs: int) -> dict[str, list[Vector]]:
        """Return the first `count` people of whom all of so many photographs show a face."""
        found: dict[str, list[Vector]] = {}
        for folder in sorted((SHARED / "lfw").iterdir()):
            pictures = sorted(folder.glob("*.jpg"))
            if len(pictures) == photographs and len(found) < count:
                seen = [encoder.encode(picture.read_bytes()) for picture in pictures]
                if all(seen):
                    found[folder.name] = [faces[0].vector for faces in seen]
        return found

    members = vectors_of(40, photographs=2) | vectors_of(20, photographs=3)
    known = [
        Person(name, vectors[:-1], is_merged=len(vectors) > 2 and number % 2 == 0)
        for number, (name, vectors) in enumerate(members.items())
    ]
    strangers = [vector for [vector] in vectors_of(20, photographs=1).values()]
    return People(known, np.stack([*(last for *_, last in members.values()), *strangers]))
