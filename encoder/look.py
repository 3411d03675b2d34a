"""How well a face can be seen."""

import math

import numpy as np
from numpy.typing import NDArray

from encoder.face import FaceLook

_LUMINANCE = np.array([0.299, 0.587, 0.114], np.float32)
_FACE = np.s_[30:130, 30:120]
"""The part of a chip that is face rather than hair and background."""


def look_of(width: int, chip: NDArray[np.uint8], landmarks: NDArray[np.float32]) -> FaceLook:
    """Return the look of a face `width` pixels wide.

    `chip` is uint8 RGB (150, 150, 3) with padding 0.25; `landmarks` are dlib's five points (5, 2)
    in pixels: two of each eye, then the nose.
    """
    grey = chip[_FACE].astype(np.float32) @ _LUMINANCE
    across = grey[:, 2:] + grey[:, :-2] - 2 * grey[:, 1:-1]
    downwards = grey[2:] + grey[:-2] - 2 * grey[1:-1]
    one, other = landmarks[:2].mean(0), landmarks[2:4].mean(0)
    between = float(np.linalg.norm(one - other)) or 1.0
    along = (one - other) / between
    down = np.array([-along[1], along[0]])
    nose = landmarks[4] - (one + other) / 2
    return FaceLook(
        width=width,
        sharpness=min(_variance(across), _variance(downwards)),
        light=float(grey.mean()),
        yaw=float(nose @ along / between),
        pitch=float(nose @ down / between),
        roll=math.degrees(math.atan2(along[1], along[0])),
    )


def _variance(values: NDArray[np.float32]) -> float:
    """Return the variance: numpy's takes three times as long for a few thousand numbers."""
    flat = values.ravel()
    return float(flat @ flat) / flat.size - float(flat.mean()) ** 2
