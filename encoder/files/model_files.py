"""Where the networks' files are, and what the vectors that they make are called."""

import hashlib
import importlib.util
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from contract.errors import ConfigurationError

_PACKAGE = "face_recognition_models"

LANDMARKS_5 = "shape_predictor_5_face_landmarks.dat"
LANDMARKS_68 = "shape_predictor_68_face_landmarks.dat"
CNN_DETECTOR = "mmod_human_face_detector.dat"
RESNET = "dlib_face_recognition_resnet_model_v1.dat"


def model_file(name: str) -> Path:
    """Return the path of a model file of the package face_recognition_models.

    The package is found but never imported: it needs pkg_resources, which setuptools dropped.
    Raises ConfigurationError when it is not installed or lacks the file.
    """
    spec = importlib.util.find_spec(_PACKAGE)
    for folder in (spec and spec.submodule_search_locations) or ():
        path = Path(folder) / "models" / name
        if path.is_file():
            return path
    raise ConfigurationError(f"the installed packages have no {_PACKAGE}/models/{name}")


@dataclass(frozen=True)
class NetworkFile:
    """A network of dlib on disk."""

    path: Path
    digest: str
    """SHA-256 of its bytes, hexadecimal."""

    @classmethod
    def at(cls, path: Path) -> Self:
        """Return the network file at a path. Raises ConfigurationError when there is none."""
        try:
            with path.open("rb") as file:
                return cls(path, hashlib.file_digest(file, "sha256").hexdigest())
        except OSError as error:
            raise ConfigurationError(f"{path} cannot be read: {error.strerror}") from error

    @property
    def model(self) -> str:
        """What the vectors are called that dlib's ResNet makes with these weights."""
        return f"dlib-resnet-v1-{self.digest[:12]}"
