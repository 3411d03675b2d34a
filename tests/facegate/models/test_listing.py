"""The models that there are are listed, shown and removed."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from encoder.custom.model_folder import ModelFolder
from facegate.command import main
from tests.encoder.custom.models import manifest_of


@pytest.fixture
def models(tmp_path: Path) -> Path:
    folder = ModelFolder(tmp_path / "models")
    folder.add(manifest_of(b"network", name="mobile", preset="arcface"), b"network")
    folder.add(manifest_of(b"another", name="other", alignment="box", margin=0.2), b"another")
    return folder.path


def run(models: Path, *words: str) -> Result:
    return CliRunner(catch_exceptions=False).invoke(
        main, ["model", *words], env={"FACEGATE_MODELS": str(models)}
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
