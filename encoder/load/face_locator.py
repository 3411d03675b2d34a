"""Loads what finds faces and makes no vectors of them."""

from encoder.detector import FaceDetector
from encoder.duty_budget import DutyBudget
from encoder.face_locator import FaceLocator
from encoder.files.file_cache import FileCache
from encoder.files.model_files import LANDMARKS_5, NetworkFile
from encoder.load.alignment import load_alignment
from encoder.load.encoder import load_cnn
from encoder.load.hog import load_hog


def load_face_locator(budget: DutyBudget | None = None) -> FaceLocator:
    """Return dlib's detectors and alignment, as fast as this machine has them.

    `budget` is what the CNN may take by `auto`.

    Raises ConfigurationError when dlib's files are not there.
    """
    cache = FileCache()

    def cnn() -> FaceDetector:
        return load_cnn(cache)

    alignment = load_alignment(NetworkFile.published(LANDMARKS_5), cache)
    return FaceLocator(load_hog(cache), cnn, alignment, budget=budget)
