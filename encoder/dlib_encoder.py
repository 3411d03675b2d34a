"""dlib itself: HOG detector on grey, 5-point landmarks, aligned chip, ResNet."""

from collections.abc import Iterator

import dlib
import numpy as np
from numpy.typing import NDArray

from contract.detection import Detection
from encoder.detection_view import detection_view
from encoder.face import Face, FaceBox, largest_first, mean_direction
from encoder.look import look_of
from encoder.model_files import LANDMARKS_5, RESNET, model_file, resnet_model_name
from encoder.picture import Pixels, decode
from encoder.picture_limits import PictureLimits

_CHIP = 150  # what the network was trained on: 150 × 150 pixels, a quarter of the face around it
_PADDING = 0.25


class DlibEncoder:
    """One set of dlib's models, for one thread at a time. It holds the GIL while it embeds."""

    def __init__(self, limits: PictureLimits) -> None:
        """Load the models. Raises ConfigurationError when a file is missing."""
        weights = model_file(RESNET)
        self._limits = limits
        self._detector = dlib.get_frontal_face_detector()
        self._landmarks = dlib.shape_predictor(str(model_file(LANDMARKS_5)))
        self._network = dlib.face_recognition_model_v1(str(weights))
        blank = np.zeros((_CHIP, _CHIP, 3), np.uint8)
        self.dimension = len(self._network.compute_face_descriptor(blank))
        self.model = resnet_model_name(weights)

    def encode(self, picture: bytes, detection: Detection = Detection()) -> list[Face]:
        """Return the faces in the picture file, largest first. Raises a PictureError."""
        pixels = decode(picture, self._limits)
        return largest_first(
            self._face(pixels, rectangle, confidence)
            for rectangle, confidence in self._detect(pixels)
        )

    def _detect(self, pixels: Pixels) -> Iterator[tuple[dlib.rectangle, float]]:
        view = detection_view(pixels, "L")
        rectangles, confidences, _ = self._detector.run(view.pixels, view.upsample, 0.0)
        for found, confidence in zip(rectangles, confidences, strict=True):
            yield dlib.scale_rect(found, view.factor), confidence

    def _face(self, pixels: Pixels, rectangle: dlib.rectangle, confidence: float) -> Face:
        shape = self._landmarks(pixels, rectangle)
        landmarks = np.array([(point.x, point.y) for point in shape.parts()], np.float32)
        chip = dlib.get_face_chip(pixels, shape, size=_CHIP, padding=_PADDING)
        vector = mean_direction(self._descriptor(chip), self._descriptor(chip[:, ::-1].copy()))[0]
        look = look_of(rectangle.width(), chip, landmarks)
        return Face(_box(rectangle, pixels), vector, confidence, look)

    def _descriptor(self, chip: NDArray[np.uint8]) -> NDArray[np.float32]:
        return np.array([self._network.compute_face_descriptor(chip)], np.float32)


def _box(rectangle: dlib.rectangle, pixels: Pixels) -> FaceBox:
    return FaceBox.clipped(
        top=rectangle.top(),
        right=rectangle.right() + 1,  # dlib's corners are inclusive
        bottom=rectangle.bottom() + 1,
        left=rectangle.left(),
        height=pixels.shape[0],
        width=pixels.shape[1],
    )
