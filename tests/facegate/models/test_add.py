"""`facegate model add`: what tells people apart is kept, all else is refused and nothing kept."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from encoder.admission.trial_faces import find_faces
from encoder.custom.model_folder import ModelFolder, read_network
from encoder.files.file_cache import FileCache
from encoder.load.custom_recognizer import load_face_points
from facegate.command import main
from facegate.models.trial_people import sample_people
from scoring.score_scale import ScoreScale
from tests.encoder.custom.models import (
    fitted_network,
    manifest_of,
    small_network,
)
from tests.pictures import SHARED, needs_shared, sample

Add = Callable[..., Result]
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def network(slow: None) -> bytes:
    """A network that tells the sample people apart by their ArcFace chips."""
    faces = find_faces(sample_people(), lambda done, total: None)
    return fitted_network(faces, manifest_of(b""), load_face_points(FileCache()))


@pytest.fixture
def models(tmp_path: Path) -> Path:
    return tmp_path / "models"


@pytest.fixture
def add(tmp_path: Path, models: Path) -> Add:
    """Run the command on a file of these bytes."""

    def run(contents: bytes, *words: str, file: str = "Mine 1.onnx") -> Result:
        path = tmp_path / file
        path.write_bytes(contents)
        command = ["model", "add", str(path), "--models", str(models), *words]
        return CliRunner(catch_exceptions=False).invoke(main, command)

    return run


def test_a_network_that_tells_the_sample_people_apart_is_kept_as_it_is_declared(
    add: Add, models: Path, network: bytes
) -> None:
    added = add(network, "--preset", "arcface", "--std", "128", "--no-mirror")

    assert added.exit_code == 0, added.output
    assert "tried on 8 pictures of 3 people" in added.stdout
    assert "FACEGATE_MODEL=mine-1 uses it" in added.stdout
    manifest = ModelFolder(models).read("mine-1")
    assert (manifest.preset, manifest.source) == ("arcface", "Mine 1.onnx")
    assert (manifest.std, manifest.mirror, manifest.dimension) == ((128,) * 3, False, 64)
    assert read_network(models / "mine-1", manifest)
    scale = ScoreScale.of_model(manifest.model, models / "mine-1")
    assert (scale.kind, scale.status.made_from) == ("safe", "3 people")
    assert "its scale is safe: " in added.stdout


def test_programs_get_json_alone(add: Add, network: bytes) -> None:
    added = add(network, "--preset", "arcface", "--name", "one", "--json")

    told = json.loads(added.stdout)
    assert (told["name"], told["dimension"], told["kept"]) == ("one", 64, 1)
    assert told["model"].startswith("one-")
    assert told["decidability"] > 3


def test_a_preset_that_does_worse_than_its_neighbour_is_warned_of(add: Add, network: bytes) -> None:
    added = add(network, "--preset", "arcface", "--alignment", "box", "--margin", "0.2")

    assert "--alignment arcface tells people apart better than what is declared" in added.stderr
    assert added.exit_code == 1


def test_a_wrong_order_of_the_colours_is_warned_of_where_it_matters(
    add: Add, network: bytes
) -> None:
    added = add(network, "--preset", "arcface", "--channels", "bgr")

    assert "--channels rgb tells people apart better than what is declared" in added.stderr


def test_a_name_that_is_taken_is_refused_and_replaced_with_force(
    add: Add, models: Path, network: bytes
) -> None:
    add(network, "--preset", "arcface", "--name", "one")
    before = ModelFolder(models).read("one")

    changed = ("--preset", "arcface", "--name", "one", "--std", "64")
    refused = add(network, *changed)
    assert refused.exit_code == 1
    assert "there is a model 'one'" in refused.stderr
    assert ModelFolder(models).read("one") == before

    assert add(network, *changed, "--force").exit_code == 0
    assert ModelFolder(models).read("one").std == (64,) * 3


@pytest.mark.parametrize(
    ("contents", "reason"),
    [
        (b"", "Mine 1.onnx: this is not an ONNX file"),
        (b"a text, not a network", "Mine 1.onnx: this is not an ONNX file"),
        (small_network()[:5000], "Mine 1.onnx: this is not an ONNX file"),
        (small_network(), "is not taken: it does not tell people apart"),
    ],
)
def test_what_is_no_network_of_faces_is_refused_in_one_line_and_not_kept(
    add: Add, models: Path, contents: bytes, reason: str
) -> None:
    refused = add(contents, "--preset", "arcface")

    assert refused.exit_code == 1
    assert refused.stderr.startswith("facegate: ")
    assert reason in refused.stderr
    assert refused.stderr.count("\n") == 1
    assert not models.exists()


@needs_shared
def test_the_broken_network_is_refused_with_the_reason(add: Add, models: Path) -> None:
    broken = (SHARED / "models" / "broken.onnx").read_bytes()

    refused = add(broken, "--preset", "arcface")

    assert refused.exit_code == 1
    assert "every face looks like every other" in refused.stderr
    assert not models.exists()


@needs_shared
def test_a_real_network_is_taken_and_a_wrong_crop_is_not(add: Add, models: Path) -> None:
    real = (SHARED / "models" / "mobilefacenet.onnx").read_bytes()

    wrong = add(real, "--preset", "arcface", "--alignment", "box", "--name", "wrong")
    right = add(real, "--preset", "arcface", "--name", "right")

    assert "it does not tell people apart" in wrong.stderr
    assert right.exit_code == 0
    assert right.stderr == ""
    assert ModelFolder(models).names() == ["right"]


def test_it_is_tried_on_the_users_own_people(add: Add, tmp_path: Path, network: bytes) -> None:
    pictures = {"a/1.jpg": "obama.jpg", "a/2.jpg": "obama3.jpg", "b/1.jpg": "biden.jpg"}
    for path, name in pictures.items():
        (tmp_path / "people" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "people" / path).write_bytes(sample(name))

    added = add(network, "--preset", "arcface", "--try", str(tmp_path / "people"))

    assert "tried on 3 pictures of 2 people" in added.stdout


@pytest.mark.parametrize("path", ["1.jpg", "a/1.jpg"])
def test_people_who_are_too_few_to_try_it_on_are_refused(
    add: Add, tmp_path: Path, models: Path, network: bytes, path: str
) -> None:
    picture = tmp_path / "people" / path
    picture.parent.mkdir(parents=True)
    picture.write_bytes(sample("obama.jpg"))

    refused = add(network, "--preset", "arcface", "--try", str(tmp_path / "people"))

    assert refused.exit_code == 1
    assert not models.exists()


def test_a_pipe_and_a_folder_that_cannot_be_written_are_refused(
    tmp_path: Path, add: Add, models: Path, network: bytes
) -> None:
    pipe = tmp_path / "pipe.onnx"
    os.mkfifo(pipe)
    command = ["model", "add", str(pipe), "--preset", "arcface"]
    models.write_bytes(b"a file where the folder should be")

    assert "is no file" in CliRunner().invoke(main, command).stderr
    written = add(network, "--preset", "arcface", "--models", str(models / "below"))
    assert written.exit_code == 1
    assert "cannot be written: Not a directory" in written.stderr


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["--preset", "mtcnn"],
        ["--preset", "arcface", "--mean", "1,2"],
        ["--preset", "arcface", "--std", "x"],
    ],
)
def test_wrong_usage_is_exit_code_2(add: Add, models: Path, words: list[str]) -> None:
    assert add(b"", *words).exit_code == 2
    assert not models.exists()
