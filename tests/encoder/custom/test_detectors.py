"""Face detectors of the user's own: YuNet and SCRFD, as small graphs with their outputs."""

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from contract.errors import ConfigurationError
from encoder.alignment import AlignedFace
from encoder.custom.candidates import candidates
from encoder.custom.chosen_model import chosen_detector
from encoder.custom.detector import CustomDetector
from encoder.custom.detector_manifest import DetectorManifest
from encoder.custom.face_points import LandmarkPoints
from encoder.custom.model_folder import ModelFolder
from encoder.detector import DetectedFace
from encoder.load.custom_detector import load_custom_detector
from encoder.load.encoder import EncoderChoice, load_encoder
from encoder.onnx.session import CPU
from encoder.recognizer import FaceCut
from tests.encoder.custom.detectors import (
    FACE,
    SIDE,
    detector_graph,
    detector_manifest,
    outputs_of,
)
from tests.pictures import sample


@pytest.mark.parametrize("kind", ["yunet", "scrfd"])
def test_boxes_and_points_are_decoded_as_the_authors_do(kind: Any) -> None:
    found = candidates(kind, list(outputs_of(kind, [FACE]).values()), SIDE, least=0.5)

    assert found.scores == pytest.approx([FACE.score], abs=1e-6)
    assert found.boxes == pytest.approx(np.array([FACE.box], np.float32), abs=1e-4)
    assert found.points == pytest.approx(np.array([FACE.points], np.float32), abs=1e-4)


@pytest.mark.parametrize("kind", ["yunet", "scrfd"])
def test_a_face_below_the_threshold_is_none(kind: Any) -> None:
    given = outputs_of(kind, [FACE._replace(score=0.49)])

    assert len(candidates(kind, list(given.values()), SIDE, least=0.5).scores) == 0


@pytest.mark.parametrize("kind", ["yunet", "scrfd"])
def test_faces_are_found_in_pixels_of_the_picture(kind: Any, tmp_path: Path) -> None:
    """The picture is twice the input's size: so are the distances."""
    beside = FACE._replace(stride=8, score=0.8, box=tuple(side + 2 for side in FACE.box))
    folder = ModelFolder(tmp_path)
    graph = detector_graph(kind, [beside, FACE])
    folder.add(detector_manifest(kind, graph), graph)
    detector = load_custom_detector(folder.of(kind), [CPU])

    (face,) = detector.detect(np.zeros((2 * SIDE, 2 * SIDE, 3), np.uint8))

    assert np.array(face.points) == pytest.approx(2 * np.array(FACE.points), abs=1e-3)
    assert face.confidence > 1
    eyes, width = FACE.points[1][0] - FACE.points[0][0], face.right - face.left + 1
    assert width == face.bottom - face.top + 1
    assert 2 * eyes / width == pytest.approx(0.41, abs=0.03)  # as in dlib's boxes


class _Seeing:
    """A graph that keeps what it is given, and sees nobody."""

    def __init__(self) -> None:
        self.given = np.empty(0, np.float32)

    def run_all(self, pictures: NDArray[np.float32]) -> Mapping[str, NDArray[np.float32]]:
        self.given = pictures
        return outputs_of("yunet", [])


def test_a_picture_is_given_at_the_top_left_of_a_square_in_the_declared_order() -> None:
    graph = _Seeing()
    wide = np.full((SIDE // 2, SIDE, 3), [200, 100, 50], np.uint8)

    found = CustomDetector(detector_manifest("yunet", b""), graph).detect(wide)

    assert found == []
    assert list(graph.given.shape) == [1, 3, SIDE, SIDE]
    assert graph.given[0, :, 0, 0].tolist() == [50, 100, 200]
    assert graph.given[0, :, SIDE // 2 :].max() == 0


def test_a_detector_s_points_are_used_and_mirrored() -> None:
    class NoLandmarks:
        def align(self, picture: NDArray[np.uint8], box: DetectedFace) -> AlignedFace:
            raise AssertionError("the detector has found points")

    points = ((10.0, 10.0), (30.0, 12.0), (20.0, 20.0), (12.0, 30.0), (28.0, 31.0))
    cut = FaceCut(np.zeros((40, 41, 3), np.uint8), DetectedFace(5, 5, 35, 35, 1.0, points))
    finder = LandmarkPoints(NoLandmarks())

    assert finder.find(cut).tolist() == [list(point) for point in points]
    assert finder.find(cut.mirrored).tolist() == [[10, 12], [30, 10], [20, 20], [12, 31], [28, 30]]


def test_a_changed_file_of_a_detector_is_refused(tmp_path: Path) -> None:
    graph = detector_graph("scrfd", [FACE])
    folder = ModelFolder(tmp_path)
    folder.add(detector_manifest("scrfd", graph), graph)
    (folder.of("scrfd") / "network.onnx").write_bytes(detector_graph("scrfd", []))

    with pytest.raises(ConfigurationError, match="add it again"):
        load_custom_detector(folder.of("scrfd"), [CPU])


def test_a_detector_is_chosen_by_its_name(tmp_path: Path) -> None:
    graph = detector_graph("scrfd", [FACE])
    folder = ModelFolder(tmp_path / "detectors")
    folder.add(detector_manifest("scrfd", graph), graph)

    assert chosen_detector(tmp_path, None) is None
    assert chosen_detector(tmp_path, "scrfd") == folder.of("scrfd")
    with pytest.raises(ConfigurationError, match=r"'other' in .*; known are hog, cnn, auto, scrfd"):
        chosen_detector(tmp_path, "other")


def test_a_manifest_of_another_kind_is_refused() -> None:
    said = detector_manifest("yunet", b"").text().replace("kind: detector", "kind: recognizer")

    with pytest.raises(ConfigurationError, match="kind"):
        DetectorManifest.from_file(said.encode(), "manifest.yaml")


@pytest.mark.slow
def test_an_encoder_sees_by_the_detector_of_one_s_own(tmp_path: Path) -> None:
    picture = sample("obama.jpg")
    (usual,) = load_encoder().encode(picture)
    top, right, bottom, left = usual.box
    side = right - left
    # where dlib's mean face has the points in its box, in an input that is the picture reduced
    places = ((0.2945, 0.3152), (0.7055, 0.3152), (0.5, 0.547), (0.3171, 0.7511), (0.6829, 0.7511))
    scale = SIDE / max(_size(picture))
    points = tuple(((left + x * side) * scale, (top + y * side) * scale) for x, y in places)
    box = (left * scale, top * scale, right * scale, bottom * scale)
    graph = detector_graph("scrfd", [FACE._replace(box=box, points=points)])
    folder = ModelFolder(tmp_path)
    folder.add(detector_manifest("scrfd", graph), graph)

    (face,) = load_encoder(EncoderChoice(detector=folder.of("scrfd"))).encode(picture)

    assert face.box == pytest.approx(usual.box, abs=0.05 * side)
    assert float(face.vector @ usual.vector) > 0.97


def test_another_encoder_has_no_detector_of_ones_own(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="needs the encoder onnx"):
        load_encoder(EncoderChoice("dlib", detector=tmp_path))


def _size(picture: bytes) -> tuple[int, int]:
    with Image.open(io.BytesIO(picture)) as image:
        return image.size
