"""The face_recognition package as its users know it: what the other backends are compared with."""

import importlib.util
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import ImageFile

from contract.errors import ConfigurationError
from contract.stores.detection import Detection, Detector
from encoder.face import Face, FaceBox, largest_first, mean_direction
from encoder.files import model_files
from encoder.interface import VectorModel
from encoder.picture.decode import decode
from encoder.picture.limits import PictureLimits
from encoder.picture.pixels import Pixels
from encoder.picture.quality import quality_of
from encoder.reference.detector_input import DetectorInput, detector_input


class _Location(NamedTuple):
    """The package's form of a box: inclusive corners, trimmed to the picture's size."""

    top: int
    right: int
    bottom: int
    left: int


class FaceRecognitionEncoder:
    """The package with its default choices: HOG on colour, 5-point landmarks, ResNet."""

    def __init__(self, limits: PictureLimits) -> None:
        """Load the package and its models. Raises ConfigurationError when one is missing."""
        self.second: VectorModel | None = None
        self._limits = limits
        self._api = _load_package()
        blank = np.zeros((150, 150, 3), np.uint8)
        self.dimension = len(self._api.face_encodings(blank, [_Location(0, 149, 149, 0)])[0])
        self.model = model_files.NetworkFile.at(model_files.model_file(model_files.RESNET)).model

    def encode(
        self, picture: bytes, detection: Detection = Detection(), *, to_enroll: bool = False
    ) -> list[Face]:
        """Return the faces in the picture file, largest first. Raises a PictureError.

        They have no template: the package knows one vector of a face.
        """
        pixels = decode(picture, self._limits, detection.rotate)
        return largest_first(
            self._face(pixels, location, confidence, detection.detector)
            for location, confidence in self._detect(pixels, detection)
        )

    def _face(
        self, pixels: Pixels, location: _Location, confidence: float, detector: Detector
    ) -> Face:
        """Return what `face_encodings` does, of the face and of its mirror image."""
        (shape,) = self._api._raw_face_landmarks(pixels, [location], model="small")
        landmarks = np.array([(point.x, point.y) for point in shape.parts()], np.float32)
        chip = self._api.dlib.get_face_chip(pixels, shape, size=150, padding=0.25)
        plain = self._descriptor(chip)
        vector = mean_direction(plain, self._descriptor(chip[:, ::-1].copy()))[0]
        frontal = detector != "cnn" or len(self._api.face_detector(chip, 0)) > 0
        width = location.right - location.left + 1
        quality = quality_of(width, chip, landmarks, frontal=frontal)
        return Face(_box(location, pixels), vector, confidence, quality, plain[0])

    def _descriptor(self, chip: NDArray[np.uint8]) -> NDArray[np.float32]:
        return np.array([self._api.face_encoder.compute_face_descriptor(chip)], np.float32)

    def _detect(self, pixels: Pixels, detection: Detection) -> Iterator[tuple[_Location, float]]:
        """Yield what `face_locations` returns, with the confidence that it leaves out."""
        view = detector_input(pixels, detection.min_face_px)
        height, width = pixels.shape[:2]
        for found, confidence in self._found(view, detection.detector):
            centre = found.center()
            if not detection.counts(
                centre.x * view.factor / width, centre.y * view.factor / height
            ):
                continue
            yield (
                _Location(
                    top=max(round(found.top() * view.factor), 0),
                    right=min(round(found.right() * view.factor), width),
                    bottom=min(round(found.bottom() * view.factor), height),
                    left=max(round(found.left() * view.factor), 0),
                ),
                confidence,
            )

    def _found(self, view: DetectorInput, detector: Detector) -> Iterator[tuple[Any, float]]:
        """Yield boxes of dlib in pixels of the view. `auto` is HOG here, which nobody waits for."""
        if detector == "cnn":
            for found in self._api.cnn_face_detector(view.pixels, view.upsample):
                yield found.rect, found.confidence
        else:
            boxes, confidences, _ = self._api.face_detector.run(view.pixels, view.upsample, 0.0)
            yield from zip(boxes, confidences, strict=True)


def _box(location: _Location, pixels: Pixels) -> FaceBox:
    return FaceBox.clipped(
        top=location.top,
        right=location.right + 1,
        bottom=location.bottom + 1,
        left=location.left,
        height=pixels.shape[0],
        width=pixels.shape[1],
    )


def _load_package() -> Any:
    if importlib.util.find_spec("face_recognition") is None:
        raise ConfigurationError(
            "the encoder face_recognition needs the package of that name, which is not installed:"
            " pip install --no-deps face-recognition==1.3.0"
        )
    with _models_package():
        from face_recognition import api
    ImageFile.LOAD_TRUNCATED_IMAGES = False  # the package turns it on, for the whole process
    return api


@contextmanager
def _models_package() -> Iterator[None]:
    """Stand in for the package face_recognition_models while face_recognition asks for its paths.

    The real one imports pkg_resources, which setuptools dropped.
    """
    locations = {
        "pose_predictor_model_location": model_files.LANDMARKS_68,
        "pose_predictor_five_point_model_location": model_files.LANDMARKS_5,
        "cnn_face_detector_model_location": model_files.CNN_DETECTOR,
        "face_recognition_model_location": model_files.RESNET,
    }
    stand_in = ModuleType("face_recognition_models")
    for function, name in locations.items():
        setattr(stand_in, function, partial(str, model_files.model_file(name)))
    sys.modules[stand_in.__name__] = stand_in
    try:
        yield
    finally:
        del sys.modules[stand_in.__name__]
