"""Finds the model files of the package face_recognition_models, and names what they make."""

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

_DIGESTS = {
    LANDMARKS_5: "c4b1e9804792707d3a405c2c16a80a20269e6675021f64a41d30fffafbc41888",
    LANDMARKS_68: "fbdc2cb80eb9aa7a758672cbfdda32ba6300efe9b6e6c7a299ff7e736b11b92f",
    CNN_DETECTOR: "4cb19393e2fbaf2b1609a9319ad5386618c886a6234ec1b971f3e87c85d87fe6",
    RESNET: "55533b28a95800a551ba546ba62fe69625c7e95a7061c338adffead08719da30",
}
"""SHA-256 of the published files, which never change."""


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

    @classmethod
    def published(cls, name: str) -> Self:
        """Return one of dlib's own files, which need not be there where it is kept in another form.

        That saves every worker the reading of 30 MB to know them, and an image 130 MB.
        """
        spec = importlib.util.find_spec(_PACKAGE)
        folders = (spec and spec.submodule_search_locations) or [_PACKAGE]
        return cls(Path(folders[0]) / "models" / name, _DIGESTS[name])

    def contents(self) -> bytes:
        """Return its bytes. Raises ConfigurationError when it is not there, or has changed."""
        try:
            contents = self.path.read_bytes()
        except OSError as error:
            raise ConfigurationError(f"{self.path} cannot be read: {error.strerror}") from error
        if hashlib.sha256(contents).hexdigest() != self.digest:
            raise ConfigurationError(f"{self.path} is damaged, or another file than before")
        return contents

    @property
    def model(self) -> str:
        """What the vectors are called that dlib's ResNet makes with these weights."""
        return f"dlib-resnet-v1-{self.digest[:12]}"
