"""The files that scores and thresholds are made with: `scoring/data`, or FACEGATE_SCORING's.

`cohort.npy`: float16, shape (m, d), faces that strangers might have. `scoring.json`: the numbers,
and whom the files were made from as digests of names, so that nobody is tested with a cohort that
knows them.
"""

import hashlib
import io
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError

from contract.errors import ConfigurationError
from contract.vectors import Vectors
from scoring.settings import ScoringSettings
from service.settings import PREFIX, read_settings

COHORT, NUMBERS = "cohort.npy", "scoring.json"
DATA = Path(__file__).parent / "data"
"""What comes with facegate."""


class Curve(BaseModel):
    """The score that a stranger reaches, against how rare such a stranger is.

    Between the knots it is straight; above the last one it goes on as between the last two; below
    the first one it stays, for looser than that was not measured.
    """

    model_config = ConfigDict(frozen=True)

    rarity: tuple[float, ...]
    score: tuple[float, ...]

    def at(self, rarity: float) -> float:
        """Return the score at `rarity`."""
        beyond = max(0.0, rarity - self.rarity[-1])
        slope = (self.score[-1] - self.score[-2]) / (self.rarity[-1] - self.rarity[-2])
        return float(np.interp(rarity, self.rarity, self.score)) + slope * beyond


class Numbers(BaseModel):
    """What `scoring.json` holds."""

    model_config = ConfigDict(frozen=True)

    model: str
    """What made the vectors that the cohort was made from."""
    best: int
    """How many of the nearest faces place a vector."""
    typical: tuple[float, float]
    """Mean and deviation of the place of an ordinary vector."""
    typical_share: float
    """What the typical deviation weighs beside a vector's own, which few faces tell."""
    curve: Curve
    fused_extra: tuple[float, ...]
    """Score that a stranger gains when 1, 2, 3, … pictures are fused on either side."""
    people: frozenset[str]
    """Digests of the names of the people that the files were made from, and of those in whose
    pictures no face was found."""

    def gained_by_fusing(self, pictures: int) -> float:
        """Return what a stranger's score gains when one side is fused of so many pictures."""
        return self.fused_extra[min(pictures, len(self.fused_extra)) - 1]

    def made_from(self, person: str) -> bool:
        """Say whether pictures of the person with that (folder) name went into the files."""
        return name_digest(person) in self.people


class Shipped(NamedTuple):
    """The two files."""

    numbers: Numbers
    faces: Vectors
    """float32, shape (m, d)."""
    digest: str
    """Of the bytes of both: the same wherever the same files are."""


def name_digest(person: str) -> str:
    """Return what the files hold instead of a name."""
    return hashlib.sha256(person.encode()).hexdigest()[:12]


@cache
def shipped() -> Shipped:
    """Read the files, once a process. Raises ConfigurationError."""
    return read_scoring(read_settings(ScoringSettings).scoring or DATA)


def read_scoring(folder: Path) -> Shipped:
    """Read the files of `folder`. Raises ConfigurationError that names what is wrong."""
    try:
        cohort, text = ((folder / name).read_bytes() for name in (COHORT, NUMBERS))
        numbers = Numbers.model_validate_json(text)
        faces = _faces(cohort, numbers.best)
    except OSError as error:
        raise _wrong(folder, f"{error.filename}: {error.strerror}") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the file"
        raise _wrong(folder, f"{NUMBERS}: {where}: {first['msg']}") from error
    except ValueError as error:
        raise _wrong(folder, f"{COHORT}: {error}") from error
    return Shipped(numbers, faces, hashlib.sha256(cohort + text).hexdigest()[:12])


def _faces(content: bytes, best: int) -> Vectors:
    """Return the faces of `cohort.npy`. Raises ValueError for anything else, or too few."""
    faces = np.lib.format.read_array(io.BytesIO(content), allow_pickle=False)
    if faces.ndim != 2 or len(faces) <= best:
        raise ValueError(f"shape {faces.shape} instead of more than {best} vectors")
    vectors: Vectors = faces.astype(np.float32)
    return vectors


def _wrong(folder: Path, what: str) -> ConfigurationError:
    return ConfigurationError(f"{PREFIX}SCORING={str(folder)!r}: {what}")
