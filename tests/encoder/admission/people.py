"""Made-up people for the tests: smooth symmetric pictures, each a little other every time."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from encoder.admission.trial_faces import TrialFace, seen
from encoder.alignment import AlignedFace
from encoder.detector import DetectedFace
from encoder.recognizer import FaceCut

_SIDE, _FACE = 160, 96
_BOX = DetectedFace(32, 32, 32 + _FACE - 1, 32 + _FACE - 1, 1.0)
_POINTS = np.array([[62, 68], [98, 68], [80, 84], [66, 102], [94, 102]], np.float32)


class MiddleOfTheFace:
    """An alignment, and the five points, of faces that all lie in the same place."""

    def align(self, picture: NDArray[np.uint8], box: DetectedFace) -> AlignedFace:
        face = Image.fromarray(picture).crop((box.left, box.top, box.right + 1, box.bottom + 1))
        return AlignedFace(np.asarray(face.resize((150, 150))), _POINTS)

    def find(self, cut: FaceCut) -> NDArray[np.float32]:
        return _POINTS


def faces_of(people: int, pictures: int, noise: float = 6.0) -> list[TrialFace]:
    """Return faces of `people` persons in `pictures` pictures each."""
    dice = np.random.default_rng(1)
    faces = []
    for person in range(people):
        looks = _smooth(dice, 5)
        for _ in range(pictures):
            picture = np.clip(looks + noise * dice.normal(size=looks.shape), 0, 255)
            cut = FaceCut(picture.astype(np.uint8), _BOX)
            faces.append(seen(f"person {person}", cut, MiddleOfTheFace()))
    return faces


def _smooth(dice: np.random.Generator, patches: int) -> NDArray[np.float64]:
    """Return an RGB picture (side, side, 3) that is its own mirror image."""
    coarse = dice.integers(0, 256, (patches, patches, 3)).astype(np.uint8)
    wide = Image.fromarray(coarse).resize((_SIDE, _SIDE), Image.Resampling.BICUBIC)
    picture = np.asarray(wide, np.float64)
    return (picture + picture[:, ::-1]) / 2
