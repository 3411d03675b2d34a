"""The models and detectors that there are are listed, shown and removed."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from encoder.custom.model_folder import ModelFolder
from facegate.command import main
from tests.encoder.custom.detectors import FACE, detector_graph, detector_manifest
from tests.encoder.custom.models import manifest_of


@pytest.fixture
def models(tmp_path: Path) -> Path:
    folder = ModelFolder(tmp_path / "models")
    folder.add(manifest_of(b"network", name="mobile", preset="arcface"), b"network")
    folder.add(manifest_of(b"another", name="other", alignment="box", margin=0.2), b"another")
    return folder.path


@pytest.fixture
def detector(models: Path) -> Path:
    """The folder of the detector `mobile`, which has the name of a model."""
    graph = detector_graph("scrfd", [FACE])
    ModelFolder(models / "detectors").add(detector_manifest("scrfd", graph, name="mobile"), graph)
    return models / "detectors" / "mobile"


@pytest.fixture
def stores(models: Path) -> Path:
    """A map whose store `a` uses the model `mobile`, and `b` the detector of that name."""
    path = models.parent / "stores.yaml"
    path.write_text(
        "stores: {a: {shards: h:1, model: mobile}, b: {shards: h:2, detector: mobile},"
        " c: {shards: h:3, model: dlib, second_model: other}}"
    )
    return path


def run(models: Path, *words: str | Path) -> Result:
    return CliRunner(catch_exceptions=False).invoke(
        main, ["model", *map(str, words)], env={"FACEGATE_MODELS": str(models)}
    )


def test_models_are_listed_for_people_and_for_programs(models: Path) -> None:
    table, listed = run(models, "list"), json.loads(run(models, "list", "--json").stdout)

    assert "mobile-" in table.stdout
    assert [model["name"] for model in listed] == ["mobile", "other"]
    assert all(model["model"].startswith(f"{model['name']}-") for model in listed)
    assert [model["problem"] for model in listed] == [None, None]


def test_a_folder_that_is_not_there_has_no_models(tmp_path: Path) -> None:
    absent = tmp_path / "absent"

    assert f"there are no models in {absent}" in run(absent, "list").stdout
    assert json.loads(run(absent, "list", "--json").stdout) == []


def test_all_that_is_declared_is_shown(models: Path) -> None:
    shown = run(models, "show", "other").stdout

    for said in ("n × 3 × 112 × 112 (nchw)", "rgb", "(x − 127.5) / 127.5", "margin 0.2", "64 numb"):
        assert said in shown


def test_a_network_that_was_changed_and_a_damaged_manifest_are_told(models: Path) -> None:
    (models / "mobile" / "network.onnx").write_bytes(b"something else")
    (models / "other" / "manifest.yaml").write_text("name: [")

    first, second = json.loads(run(models, "list", "--json").stdout)

    assert "is not the file that manifest.yaml declares" in first["problem"]
    assert first["dimension"] == 64
    assert "manifest.yaml" in second["problem"]
    shown = run(models, "show", "mobile").stdout.replace("\n", " ")
    assert "declares: add it again" in shown


def test_a_model_is_removed(models: Path) -> None:
    assert run(models, "remove", "mobile").exit_code == 0
    assert [path.name for path in models.iterdir()] == ["other"]


@pytest.mark.parametrize("command", ["show", "remove"])
def test_a_name_that_is_not_there_is_refused_with_those_that_are(
    models: Path, command: str
) -> None:
    refused = run(models, command, "mobil")

    assert refused.exit_code == 1
    assert refused.stderr.endswith("known are: mobile, other\n")


@pytest.mark.usefixtures("detector")
def test_detectors_are_listed_and_who_uses_what(models: Path, stores: Path) -> None:
    listed = json.loads(run(models, "list", "--stores", stores, "--json").stdout)
    table = run(models, "list", "--stores", stores).stdout

    assert [(each["kind"], each["name"], each["used_by"]) for each in listed] == [
        ("model", "mobile", ["a"]),
        ("model", "other", ["c"]),
        ("detector", "mobile", ["b"]),
    ]
    assert "a detector, scrfd" in table


@pytest.mark.usefixtures("detector")
def test_a_detector_is_shown_by_its_own_word(models: Path, stores: Path) -> None:
    shown = run(models, "show", "mobile", "--detector", "--stores", stores).stdout

    assert "preset: scrfd" in shown
    assert "used by b" in shown
    assert "no detector 'other'" in run(models, "show", "other", "--detector").stderr


def test_what_is_wrong_with_a_detector_is_told(models: Path, detector: Path) -> None:
    (detector / "network.onnx").write_bytes(b"something else")

    shown = run(models, "show", "mobile", "--detector").stdout.replace("\n", " ")

    assert "declares: add it again" in shown


@pytest.mark.parametrize(
    ("words", "user"), [(["mobile"], "a"), (["other"], "c"), (["mobile", "--detector"], "b")]
)
def test_what_stores_use_is_removed_by_force_alone(
    models: Path, detector: Path, stores: Path, words: list[str], user: str
) -> None:
    before = json.loads(run(models, "list", "--json").stdout)

    refused = run(models, "remove", *words, "--stores", stores)
    assert refused.exit_code == 1
    assert f"is used in {stores} by {user}, whose shards would not start" in refused.stderr
    assert json.loads(run(models, "list", "--json").stdout) == before

    assert run(models, "remove", *words, "--stores", stores, "--force").exit_code == 0
    assert len(json.loads(run(models, "list", "--json").stdout)) == len(before) - 1
    assert detector.exists() == ("--detector" not in words)


def test_a_map_that_cannot_be_read_keeps_nobody_from_listing_but_from_removing(
    models: Path, stores: Path
) -> None:
    stores.write_text("stores: [")

    listed = run(models, "list", "--stores", stores)
    assert listed.exit_code == 0
    assert "which stores use them is not known" in listed.stderr
    assert run(models, "remove", "mobile", "--stores", stores).exit_code == 1
    assert ModelFolder(models).names() == ["mobile", "other"]
