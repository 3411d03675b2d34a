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
from pydantic import ValidationError

from contract.errors import ConfigurationError
from contract.text.first_fault import first_fault
from contract.vectors import Vectors
from scoring.parameters import ScoringParameters
from scoring.settings import ScoringSettings
from service.environment_settings import PREFIX, read_settings

COHORT_FILE, PARAMETERS_FILE = "cohort.npy", "scoring.json"
DATA = Path(__file__).parent / "data"
"""The files that come with facegate."""


class ScoringData(NamedTuple):
    """What the two files hold."""

    parameters: ScoringParameters
    faces: Vectors
    """float32, shape (m, d)."""
    digest: str
    """Of the bytes of both: the same wherever the same files are."""


@cache
def load_scoring_data() -> ScoringData:
    """Read the files that this process is set to use, once. Raises ConfigurationError."""
    folder = read_settings(ScoringSettings).scoring
    if folder is None:
        return read_scoring_data(DATA)
    return read_scoring_data(folder, f"{PREFIX}SCORING={str(folder)!r}")


def read_scoring_data(folder: Path, called: str | None = None) -> ScoringData:
    """Read the files of `folder`. Raises ConfigurationError that names what is wrong.

    `called` is what the folder is called there; default: its path.
    """
    where = called or str(folder)
    try:
        cohort, text = ((folder / name).read_bytes() for name in (COHORT_FILE, PARAMETERS_FILE))
        parameters = ScoringParameters.model_validate_json(text)
        faces = _faces(cohort, parameters.best)
    except OSError as error:
        raise ConfigurationError(f"{where}: {error.filename}: {error.strerror}") from error
    except ValidationError as error:
        fault = first_fault(error)
        raise ConfigurationError(f"{where}: {PARAMETERS_FILE}: {fault}") from error
    except ValueError as error:
        raise ConfigurationError(f"{where}: {COHORT_FILE}: {error}") from error
    return ScoringData(parameters, faces, hashlib.sha256(cohort + text).hexdigest()[:12])


def _faces(content: bytes, best: int) -> Vectors:
    """Return the faces of `cohort.npy`. Raises ValueError for anything else, or too few."""
    faces = np.lib.format.read_array(io.BytesIO(content), allow_pickle=False)
    if faces.ndim != 2 or len(faces) <= best:
        raise ValueError(f"shape {faces.shape} instead of more than {best} vectors")
    vectors: Vectors = faces.astype(np.float32)
    return vectors
