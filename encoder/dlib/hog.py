"""dlib's own HOG detector."""

import tempfile
from pathlib import Path

import dlib
import numpy as np
from numpy.typing import NDArray

from encoder.detector import DetectedFace
from encoder.files.file_cache import FileCache


class DlibHog:
    """The frontal face detector that comes with dlib."""

    def __init__(self, cache: FileCache | None = None) -> None:
        """Load the detector. dlib unpacks it in half a second, so it is kept unpacked."""
        saved = cache and cache.get(f"hog-dlib-{dlib.__version__}.svm", _saved)
        self._detector = (
            dlib.fhog_object_detector(str(saved))
            if isinstance(saved, Path)
            else dlib.get_frontal_face_detector()
        )

    def detect(self, grey: NDArray[np.uint8]) -> list[DetectedFace]:
        """Return the faces in a picture, uint8 of shape (h, w)."""
        boxes, confidences, _ = self._detector.run(grey, 0, 0.0)
        return [
            DetectedFace(box.left(), box.top(), box.right(), box.bottom(), confidence)
            for box, confidence in zip(boxes, confidences, strict=True)
        ]


def save_detector(path: Path) -> None:
    """Write the detector to a file, as dlib does."""
    dlib.get_frontal_face_detector().save(str(path))


def _saved() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "detector.svm"
        save_detector(path)
        return path.read_bytes()
