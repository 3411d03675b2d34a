"""`facegate model add --detector`: what finds the sample people's faces is kept, all else refused.

No file of a real detector is at hand: small graphs know the sample photographs by heart.
"""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from encoder.admission.known_faces import FaceFinder, KnownPicture
from encoder.files.file_cache import FileCache
from encoder.load.custom_detector import load_custom_detector
from encoder.load.custom_recognizer import load_face_points
from encoder.load.encoder import EncoderChoice, load_encoder
from encoder.load.hog import load_hog
from encoder.onnx.session import CPU
from facegate.command import main
from facegate.models.detectors import unusable_detector
from facegate.models.trial_people import sample_people
from tests.encoder.custom.detectors import FACE, SIDE, detector_graph, fitted_detector
from tests.encoder.custom.models import small_network
from tests.pictures import sample

Add = Callable[..., Result]


@pytest.fixture
def models(tmp_path: Path) -> Path:
    return tmp_path / "models"


@pytest.fixture
def add(tmp_path: Path, models: Path) -> Add:
    """Run the command on a file of these bytes."""

    def run(contents: bytes, *words: str) -> Result:
        path = tmp_path / "Det 1.onnx"
        path.write_bytes(contents)
        command = ["model", "add", str(path), "--models", str(models), *words]
        return CliRunner().invoke(main, command)

    return run


@pytest.fixture(scope="module")
def known(slow: None) -> list[KnownPicture]:
    """The sample photographs, with the faces on them."""
    cache = FileCache()
    finder = FaceFinder(load_hog(cache), load_face_points(cache))
    files = [picture for pictures in sample_people().values() for picture in pictures]
    return [picture for picture in map(finder.find, files) if picture is not None]


@pytest.mark.parametrize("kind", ["yunet", "scrfd"])
def test_a_detector_that_finds_the_faces_is_kept_and_can_be_used(
    add: Add, models: Path, kind: Any, known: list[KnownPicture]
) -> None:
    added = add(fitted_detector(kind, known), "--detector", kind, "--threshold", "0.4", "--json")

    assert added.exit_code == 0, added.output
    declared = json.loads(added.stdout)
    assert (declared["name"], declared["kind"], declared["size"]) == ("det-1", "detector", SIDE)
    assert (declared["threshold"], declared["found"], declared["warnings"]) == (0.4, 1, [])
    assert load_custom_detector(models / "detectors" / "det-1", [CPU]).size == SIDE
    assert unusable_detector(models, "det-1") is None
    assert unusable_detector(models, "det-2") is not None
    encoder = load_encoder(EncoderChoice(detector=models / "detectors" / "det-1"))
    [face] = encoder.encode(sample("biden.jpg"))
    assert face.confidence > 1


def test_what_was_tried_is_shown(add: Add, known: list[KnownPicture]) -> None:
    shown = add(fitted_detector("scrfd", known), "--detector", "scrfd").stdout

    assert "tried on 8 faces in 8 pictures" in shown
    assert "faces found rightly with --channels bgr" in shown
    assert "FACEGATE_DETECTOR=det-1 uses it" in shown


@pytest.mark.parametrize(
    ("order", "words", "reasons"),
    [
        ((1, 0, 2, 4, 3), [], ["of 100% of the faces the five points are not eyes, nose tip and"]),
        (range(5), ["--mean", "0", "--std", "255"], ["finds 0% of the 8", "a scale of −1 to 1"]),
        (range(5), ["--channels", "bgr"], ["the five points are not", "--channels rgb finds more"]),
        (range(5), ["--threshold", "0.99"], ["finds 0% of the 8 faces"]),
    ],
)
def test_wrong_points_and_a_wrong_way_to_feed_it_are_refused_with_the_reason(
    add: Add,
    models: Path,
    known: list[KnownPicture],
    order: Sequence[int],
    words: list[str],
    reasons: list[str],
) -> None:
    added = add(fitted_detector("scrfd", known, order), "--detector", "scrfd", *words)

    assert added.exit_code == 1
    assert all(reason in added.stderr for reason in ["is not taken: ", *reasons])
    assert not models.exists()


@pytest.mark.slow
def test_one_that_sees_faces_where_nothing_is_is_refused(add: Add, models: Path) -> None:
    added = add(detector_graph("yunet", [FACE]), "--detector", "yunet")

    assert "it sees 2 faces in pictures that show nothing" in added.stderr
    assert not models.exists()


def test_it_is_tried_on_the_users_own_people(
    add: Add, tmp_path: Path, known: list[KnownPicture]
) -> None:
    (tmp_path / "people" / "a").mkdir(parents=True)
    (tmp_path / "people" / "a" / "1.jpg").write_bytes(sample("biden.jpg"))
    words = ("--detector", "scrfd", "--try", str(tmp_path / "people"))

    assert "tried on 1 face in 1 picture" in add(fitted_detector("scrfd", known), *words).stdout


@pytest.mark.parametrize(
    ("contents", "words", "reason"),
    [
        (detector_graph("scrfd", [FACE]), ["--detector", "yunet"], "a YuNet has an output 'cls_8'"),
        (detector_graph("yunet", [FACE]), ["--detector", "scrfd"], "12 outputs; an SCRFD"),
        (
            detector_graph("scrfd", [FACE._replace(score=7.5)]),
            ["--detector", "scrfd"],
            "score_16 are not scores",
        ),
        (b"no network", ["--detector", "yunet"], "not an ONNX file"),
        (small_network(), ["--detector", "scrfd"], "outputs; an SCRFD"),
        (detector_graph("yunet", []), ["--detector", "yunet", "--size", "96"], "1 × 3 × 96 × 96"),
        (detector_graph("yunet", []), ["--detector", "yunet", "--size", "100"], "size"),
        (detector_graph("yunet", []), ["--detector", "yunet", "--alignment", "box"], "alone"),
        (detector_graph("yunet", []), [], "--detector for a detector"),
        (detector_graph("yunet", []), ["--detector", "yunet", "--name", "cnn"], "dlib's"),
    ],
)
def test_what_is_no_such_detector_is_refused_and_nothing_kept(
    add: Add, models: Path, contents: bytes, words: list[str], reason: str
) -> None:
    added = add(contents, *words)

    assert added.exit_code != 0
    assert reason in added.output
    assert not models.exists()


def test_a_name_that_is_taken_is_replaced_by_force_alone(
    add: Add, known: list[KnownPicture]
) -> None:
    graph = fitted_detector("yunet", known)
    assert add(graph, "--detector", "yunet").exit_code == 0

    assert "there is a detector 'det-1'" in add(graph, "--detector", "yunet").output
    assert add(graph, "--detector", "yunet", "--force").exit_code == 0
