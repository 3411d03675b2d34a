"""Where the networks' files are, and what the vectors that they make are called."""

import hashlib
import importlib.util
from pathlib import Path

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


def resnet_model_name(weights: Path) -> str:
    """Return what vectors of dlib's ResNet with these weights are called."""
    return f"dlib-resnet-v1-{hashlib.sha256(weights.read_bytes()).hexdigest()[:12]}"
