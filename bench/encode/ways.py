"""The ways to encode a picture that are compared, in this process."""

import io
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
from numpy.typing import NDArray

from encoder.alignment import AlignedFace, Alignment
from encoder.descriptor import Descriptor
from encoder.detector import DetectedFace, HogDetector
from encoder.dlib.alignment import DlibAlignment
from encoder.dlib.hog import DlibHog
from encoder.files.dlib_format import read_network
from encoder.files.file_cache import FileCache
from encoder.files.model_files import (
    CNN_DETECTOR,
    LANDMARKS_5,
    LANDMARKS_68,
    RESNET,
    NetworkFile,
    model_file,
)
from encoder.load.alignment import load_alignment
from encoder.load.descriptor import load_descriptor
from encoder.load.hog import load_hog
from encoder.onnx.cached_graph import cached_graph
from encoder.onnx.cnn import OnnxCnn
from encoder.onnx.descriptor import OnnxDescriptor
from encoder.onnx.session import OnnxSession
from encoder.picture.limits import PictureLimits
from encoder.pipeline import Models, Pipeline
from encoder.reference.face_recognition_encoder import FaceRecognitionEncoder
from encoder.resnet_recognizer import ResnetRecognizer

Boxes = list[tuple[int, int, int, int]]
"""Top, right, bottom, left of the faces found."""
Way = Callable[[bytes], Boxes]


def face_recognition_way() -> Way:
    """Return the package as a user calls it: load the file, locate, encode."""
    FaceRecognitionEncoder(PictureLimits())  # makes the package importable
    import face_recognition

    def encode(jpeg: bytes) -> Boxes:
        pixels = face_recognition.load_image_file(io.BytesIO(jpeg))
        boxes: Boxes = face_recognition.face_locations(pixels)
        face_recognition.face_encodings(pixels, boxes)
        return boxes

    return encode


def with_the_extra() -> "TimedPipeline":
    """Return our pipeline as it is where facegate[turbo] is installed."""
    cache = FileCache()
    alignment = load_alignment(NetworkFile.published(LANDMARKS_5), cache)
    return TimedPipeline(load_hog(cache), alignment, load_descriptor(_resnet(), cache))


def without_it() -> "TimedPipeline":
    """Return our pipeline as it is elsewhere."""
    alignment = DlibAlignment(model_file(LANDMARKS_5))
    return TimedPipeline(DlibHog(), alignment, OnnxDescriptor(_resnet(), FileCache()))


def _alignment_68() -> Alignment:
    return load_alignment(NetworkFile.published(LANDMARKS_68), FileCache())


def _resnet() -> NetworkFile:
    return NetworkFile.published(RESNET)


class Clocks:
    """How long each part has taken, in seconds of CPU time."""

    def __init__(self) -> None:
        self.seconds = defaultdict[str, float](float)

    @contextmanager
    def running(self, part: str) -> Iterator[None]:
        """Count the time within for a part."""
        started = time.process_time()
        yield
        self.seconds[part] += time.process_time() - started


class TimedPipeline:
    """Our pipeline, with clocks."""

    def __init__(self, hog: HogDetector, alignment: Alignment, descriptor: Descriptor) -> None:
        self.clocks = Clocks()
        timed = _TimedAlignment(alignment, self.clocks)
        models = Models(
            _TimedDetector(hog, self.clocks),
            onnx_cnn,
            timed,
            ResnetRecognizer(_TimedDescriptor(descriptor, self.clocks), timed, _alignment_68),
        )
        self._pipeline = Pipeline(models, PictureLimits())

    def encode(self, jpeg: bytes) -> Boxes:
        """Return the boxes of the faces in a picture."""
        with self.clocks.running("all"):
            faces = self._pipeline.encode(jpeg)
        return [(*face.box[:2], *face.box[2:]) for face in faces]


class _TimedDetector:
    def __init__(self, detector: HogDetector, clocks: Clocks) -> None:
        self._detector = detector
        self._clocks = clocks

    def detect(self, picture: NDArray[np.uint8], /) -> list[DetectedFace]:
        with self._clocks.running("detect"):
            return self._detector.detect(picture)


class _TimedAlignment:
    def __init__(self, alignment: Alignment, clocks: Clocks) -> None:
        self._alignment = alignment
        self._clocks = clocks

    def align(self, picture: NDArray[np.uint8], box: DetectedFace) -> AlignedFace:
        with self._clocks.running("align"):
            return self._alignment.align(picture, box)


class _TimedDescriptor:
    def __init__(self, descriptor: Descriptor, clocks: Clocks) -> None:
        self.model = descriptor.model
        self.dimension = descriptor.dimension
        self._descriptor = descriptor
        self._clocks = clocks

    def describe(self, chips: NDArray[np.uint8]) -> NDArray[np.float32]:
        with self._clocks.running("describe"):
            return self._descriptor.describe(chips)


def onnx_cnn() -> OnnxCnn:
    """Return our convolutional detector."""
    file = NetworkFile.published(CNN_DETECTOR)
    return OnnxCnn(read_network(file.contents()), OnnxSession(cached_graph(file, FileCache())))
