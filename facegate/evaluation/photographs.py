"""Encoded photographs of people, of whom it is known who is who."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from contract.vectors import Vectors

Rows = NDArray[np.intp]
"""Numbers of photographs, or of people."""


@dataclass(frozen=True, eq=False)
class Photographs:
    """n photographs, one face each, in the order of their people."""

    people: tuple[str, ...]
    """Names of the people, p of them, each with a photograph or more."""
    person: Rows
    """Shape (n,): whose photograph it is, as a number in `people`."""
    vectors: Vectors
    """float32, shape (n, d), unit length: to recognise by."""
    templates: Vectors
    """float32, shape (n, d), unit length: what is stored when the photograph is enrolled."""
    plain: Vectors
    """float32, shape (n, d): what the network says of the face as it is, neither mirrored nor
    scaled; what the plain rule compares."""
    model: str

    def of_each(self) -> list[Rows]:
        """Return for each person the numbers of the photographs."""
        ends = np.cumsum(np.bincount(self.person, minlength=len(self.people)))[:-1]
        return np.split(np.arange(len(self.person)), ends)

    def where(self, wanted: Callable[[str], bool]) -> Self:
        """Return the photographs of the people whose name is wanted."""
        kept = [number for number, name in enumerate(self.people) if wanted(name)]
        rows = np.isin(self.person, kept)
        return type(self)(
            people=tuple(self.people[number] for number in kept),
            person=np.searchsorted(np.array(kept, np.intp), self.person[rows]),
            vectors=self.vectors[rows],
            templates=self.templates[rows],
            plain=self.plain[rows],
            model=self.model,
        )

    def save(self, path: Path) -> None:
        """Write them to a file. They are biometric data: whoever has them can recognise by them."""
        with path.open("wb") as file:
            np.savez(
                file,
                people=np.array(self.people),
                person=self.person,
                vectors=self.vectors,
                templates=self.templates,
                plain=self.plain,
                model=np.array(self.model),
            )

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read what `save` wrote. Raises OSError, ValueError or KeyError for any other file."""
        with np.load(path, allow_pickle=False) as file:
            return cls(
                people=tuple(file["people"].tolist()),
                person=file["person"],
                vectors=file["vectors"],
                templates=file["templates"],
                plain=file["plain"],
                model=str(file["model"]),
            )
