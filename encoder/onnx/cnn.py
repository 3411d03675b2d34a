"""dlib's convolutional face detector in ONNX Runtime: the same faces, in a fraction of the time."""

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from encoder.detector import DetectedFace
from encoder.files.network import Network
from encoder.non_maximum_suppression import non_maximum_suppression
from encoder.onnx.session import OnnxSession
from encoder.onnx.tiled_pyramid import PyramidLayout, pyramid_layout, tiled

_WINDOW = 80
"""Pixels of the face that the network sees."""
_STRIDE, _FIRST = 8, 14
"""Which pixels of the sheet the rows and columns of the scores stand for."""
_LEAST = 29
"""Pixels of the smallest sheet that gives a score."""


class OnnxCnn:
    """The detector for masks, profiles and crowds. It sees faces from about 70 pixels."""

    def __init__(self, network: Network, session: OnnxSession) -> None:
        assert network.overlap is not None
        self._session = session
        self._means = np.array(network.means, np.float32)
        self._overlap = network.overlap

    def detect(self, picture: NDArray[np.uint8]) -> list[DetectedFace]:
        """Return the faces in a picture, uint8 RGB (h, w, 3), the surest first."""
        sheet = pyramid_layout(*picture.shape[:2])
        if min(sheet.height, sheet.width) < _LEAST:
            return []
        scores = self._session.run(tiled(picture, sheet, self._means))[0, 0]
        return non_maximum_suppression(_boxes(scores, sheet), self._overlap)


def _boxes(scores: NDArray[np.float32], sheet: PyramidLayout) -> Iterator[DetectedFace]:
    """Yield a box for every place with a score above 0, in pixels of the picture."""
    half = (_WINDOW - 1) / 2
    for row, column in np.argwhere(scores > 0).tolist():
        x, y = column * _STRIDE + _FIRST, row * _STRIDE + _FIRST
        level = sheet.level(x, y)
        first = sheet.in_picture(x - half, y - half, level)
        last = sheet.in_picture(x + half, y + half, level)
        left, top, right, bottom = (math.floor(corner + 0.5) for corner in first + last)
        yield DetectedFace(left, top, right, bottom, float(scores[row, column]))
