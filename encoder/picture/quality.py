"""Measures a face's quality: its size, sharpness, luminance and pose."""

import cmath
import math

import numpy as np
from numpy.typing import NDArray

from encoder.face import FaceQuality

_LUMINANCE = np.array([0.299, 0.587, 0.114], np.float32)
_FACE = np.s_[30:130, 30:120]
"""The part of a chip that is face rather than hair and background."""


def quality_of(
    width: int, chip: NDArray[np.uint8], landmarks: NDArray[np.float32], *, frontal: bool = True
) -> FaceQuality:
    """Return how well a face `width` pixels wide can be seen.

    `chip` is uint8 RGB (150, 150, 3) with padding 0.25; `landmarks` are dlib's five points (5, 2)
    in pixels: two of each eye, then the nose.
    """
    grey = chip[_FACE].astype(np.float32) @ _LUMINANCE
    across = grey[:, 2:] + grey[:, :-2] - 2 * grey[:, 1:-1]
    downwards = grey[2:] + grey[:-2] - 2 * grey[1:-1]
    one, middle, nose = _points(landmarks)
    along = (one - middle) * 2  # the eye line, as long as the eyes are apart
    turned = (nose - middle) / (along or 1)
    return FaceQuality(
        width=width,
        sharpness=min(_variance(across), _variance(downwards)),
        light=float(grey.mean()),
        yaw=turned.real,
        pitch=turned.imag,
        roll=math.degrees(cmath.phase(along)),
        frontal=frontal,
    )


def _points(landmarks: NDArray[np.float32]) -> tuple[complex, complex, complex]:
    """Return one eye, the middle of both and the nose, as complex numbers of pixels.

    Python's own numbers: for so few, numpy takes longer.
    """
    one, two, three, four, nose = (complex(x, y) for x, y in landmarks.tolist())
    return (one + two) / 2, (one + two + three + four) / 4, nose


def _variance(values: NDArray[np.float32]) -> float:
    """Return the variance: numpy's takes three times as long for a few thousand numbers."""
    flat = values.ravel()
    return float(flat @ flat) / flat.size - float(flat.mean()) ** 2
