"""The files that scores and thresholds are made with: `scoring/data`, or FACEGATE_SCORING's.

`cohort.npy`: float16, shape (m, d), faces that strangers might have. `scoring.json`: the numbers,
and whom the files were made from as digests of names, so that nobody is tested with a cohort that
knows them.
"""

import hashlib
import io
from functools import cache
from pathlib import Path
from typing import Annotated, NamedTuple

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from contract.errors import ConfigurationError
from contract.vectors import Vectors
from scoring.settings import ScoringSettings
from service.settings import PREFIX, read_settings

COHORT_FILE, PARAMETERS_FILE = "cohort.npy", "scoring.json"
DATA = Path(__file__).parent / "data"
"""The files that come with facegate."""


class ThresholdCurve(BaseModel):
    """The score that is needed, against ln of the comparisons for one false match.

    Between the knots it is straight; above the last one it goes on as between the last two; below
    the first one it stays, for looser than that was not measured.
    """

    model_config = ConfigDict(frozen=True, validate_by_name=True, serialize_by_alias=True)

    log_comparisons: Annotated[tuple[float, ...], Field(alias="rarity")]
    score: tuple[float, ...]

    def at(self, log_comparisons: float) -> float:
        """Return the score at a value of `log_comparisons`, between the knots or beyond."""
        beyond = max(0.0, log_comparisons - self.log_comparisons[-1])
        slope = (self.score[-1] - self.score[-2]) / (
            self.log_comparisons[-1] - self.log_comparisons[-2]
        )
        return float(np.interp(log_comparisons, self.log_comparisons, self.score)) + slope * beyond


class ScoringParameters(BaseModel):
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
    curve: ThresholdCurve
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


class ScoringData(NamedTuple):
    """What the two files hold."""

    parameters: ScoringParameters
    faces: Vectors
    """float32, shape (m, d)."""
    digest: str
    """Of the bytes of both: the same wherever the same files are."""


def name_digest(person: str) -> str:
    """Return what the files hold instead of a name."""
    return hashlib.sha256(person.encode()).hexdigest()[:12]


@cache
def load_scoring_data() -> ScoringData:
    """Read the files that this process is set to use, once. Raises ConfigurationError."""
    return read_scoring_data(read_settings(ScoringSettings).scoring or DATA)


def read_scoring_data(folder: Path) -> ScoringData:
    """Read the files of `folder`. Raises ConfigurationError that names what is wrong."""
    try:
        cohort, text = ((folder / name).read_bytes() for name in (COHORT_FILE, PARAMETERS_FILE))
        parameters = ScoringParameters.model_validate_json(text)
        faces = _faces(cohort, parameters.best)
    except OSError as error:
        raise _wrong(folder, f"{error.filename}: {error.strerror}") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the file"
        raise _wrong(folder, f"{PARAMETERS_FILE}: {where}: {first['msg']}") from error
    except ValueError as error:
        raise _wrong(folder, f"{COHORT_FILE}: {error}") from error
    return ScoringData(parameters, faces, hashlib.sha256(cohort + text).hexdigest()[:12])


def _faces(content: bytes, best: int) -> Vectors:
    """Return the faces of `cohort.npy`. Raises ValueError for anything else, or too few."""
    faces = np.lib.format.read_array(io.BytesIO(content), allow_pickle=False)
    if faces.ndim != 2 or len(faces) <= best:
        raise ValueError(f"shape {faces.shape} instead of more than {best} vectors")
    vectors: Vectors = faces.astype(np.float32)
    return vectors


def _wrong(folder: Path, what: str) -> ConfigurationError:
    return ConfigurationError(f"{PREFIX}SCORING={str(folder)!r}: {what}")
