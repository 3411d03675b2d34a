"""`facegate model add --detector`: what gives a detector's outputs is kept, all else refused."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from encoder.load.custom_detector import load_custom_detector
from encoder.onnx.session import CPU
from facegate.command import main
from facegate.models.detectors import unusable_detector
from tests.encoder.custom.detectors import FACE, SIDE, detector_graph
from tests.encoder.custom.models import small_network

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


@pytest.mark.parametrize("kind", ["yunet", "scrfd"])
def test_a_detector_is_kept_and_can_be_used(add: Add, models: Path, kind: Any) -> None:
    added = add(detector_graph(kind, [FACE]), "--detector", kind, "--threshold", "0.4", "--json")

    assert added.exit_code == 0, added.output
    declared = json.loads(added.stdout)
    assert (declared["name"], declared["kind"], declared["size"]) == ("det-1", "detector", SIDE)
    assert declared["threshold"] == 0.4
    loaded = load_custom_detector(models / "detectors" / "det-1", [CPU])
    assert loaded.size == SIDE
    assert unusable_detector(models, "det-1") is None
    assert unusable_detector(models, "det-2") is not None


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


def test_a_name_that_is_taken_is_replaced_by_force_alone(add: Add) -> None:
    graph = detector_graph("yunet", [FACE])
    assert add(graph, "--detector", "yunet").exit_code == 0

    assert "there is a detector 'det-1'" in add(graph, "--detector", "yunet").output
    assert add(graph, "--detector", "yunet", "--force").exit_code == 0
