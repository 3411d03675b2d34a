"""`facegate model fit` makes a model's own scale, and `facegate evaluate --model` uses it."""

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from encoder.custom.model_folder import ModelFolder
from facegate.command import main
from facegate.evaluation.fitting.fit import LEAST_PEOPLE, FitOptions, fit_model
from facegate.evaluation.fitting.split import develops
from facegate.evaluation.photographs import Photographs
from facegate.evaluation.report import Report
from facegate.models.kept_models import kept_model
from scoring.cohort import unit
from scoring.safe_scale import SafeScale
from scoring.score_scale import ScoreScale
from scoring.scoring_data import COHORT_FILE, PARAMETERS_FILE
from tests.encoder.custom.models import manifest_of

DIMENSION, EACH = 64, 3
MANIFEST = manifest_of(b"network", name="mobile", preset="arcface", dimension=DIMENSION)


@pytest.fixture
def models(tmp_path: Path) -> Path:
    folder = ModelFolder(tmp_path / "models")
    folder.add(MANIFEST, b"network")
    return folder.path


def photographs_of(people: int, model: str = MANIFEST.model) -> Photographs:
    random = np.random.default_rng(1)
    persons = unit(random.normal(size=(people, DIMENSION)).astype(np.float32))
    person = np.repeat(np.arange(people), EACH)
    noise = random.normal(size=(len(person), DIMENSION)) / 12
    vectors = unit((persons[person] + noise).astype(np.float32))
    names = tuple(f"person-{number:04}" for number in range(people))
    return Photographs(names, person, vectors, vectors, vectors, model)


def run(models: Path, *words: str | Path) -> Result:
    return CliRunner(catch_exceptions=False).invoke(
        main, list(map(str, words)), env={"FACEGATE_MODELS": str(models)}
    )


def evaluated(models: Path, vectors: Path) -> Report:
    plot = vectors.with_suffix(".png")
    result = run(
        models,
        *("evaluate", vectors.parent, "--model", "mobile", "--vectors", vectors),
        *("--draws", "2", "--plot", plot, "--json"),
    )
    assert result.exit_code == 0, result.stderr
    return Report.model_validate_json(result.stdout)


def test_a_scale_from_half_of_the_people_is_tested_with_the_others(
    models: Path, tmp_path: Path, slow: None
) -> None:
    vectors = tmp_path / "vectors.npz"
    photographs = photographs_of(450)
    photographs.save(vectors)
    used = {name for name in photographs.people if develops(name)}
    before = evaluated(models, vectors)

    options = FitOptions(tmp_path, vectors, half=True, least_people=200)
    fitted = fit_model(models / "mobile", options, lambda done, total: None)

    assert fitted.people == len(used)
    assert 0.9 < fitted.named[0.01] <= fitted.named[0.1] <= 1
    assert kept_model(models, "mobile").problem is None
    assert fitted.leaked_share < 0.2  # of such people; groups of thirteen give away 43%
    scale = ScoreScale.of_model(MANIFEST.model, models / "mobile")
    assert scale.kind == "measured"
    assert scale.cohort.faces.shape[1] == DIMENSION
    assert {name for name in photographs.people if scale.parameters.made_from(name)} == used
    after = evaluated(models, vectors)
    assert (before.scale.kind, before.left_out) == ("none", 0)
    assert (after.scale.kind, after.left_out) == ("measured", len(used))
    [one_percent] = [rate for rate in after.rows[0].rates if rate.fpir == 0.01]
    assert one_percent.shipped_fpir is not None
    assert one_percent.shipped_tpir is not None
    assert one_percent.shipped_fpir.value < 0.04
    assert one_percent.shipped_tpir.value > 0.9
    shown = json.loads(run(models, "model", "show", "mobile", "--json").stdout)
    assert shown["scale"]["made_from"] == f"{len(used)} people"


def test_too_few_people_are_refused_and_nothing_changes(models: Path, tmp_path: Path) -> None:
    vectors = tmp_path / "vectors.npz"
    photographs_of(LEAST_PEOPLE - 1).save(vectors)
    SafeScale(model=MANIFEST.model, mean=0, deviation=0.15, people=3).save(models / "mobile")
    before = sorted((models / "mobile").iterdir())

    refused = run(models, "model", "fit", "mobile", tmp_path, "--vectors", vectors)

    assert refused.exit_code == 1
    assert f"{LEAST_PEOPLE - 1} people: {LEAST_PEOPLE} are needed" in refused.stderr
    assert sorted((models / "mobile").iterdir()) == before
    assert ScoreScale.of_model(MANIFEST.model, models / "mobile").kind == "safe"


def test_folders_of_too_few_people_are_refused_before_they_are_encoded(
    models: Path, tmp_path: Path
) -> None:
    for name in ("anna", "ben"):
        (tmp_path / "people" / name).mkdir(parents=True)
        (tmp_path / "people" / name / "1.jpg").write_bytes(b"no picture")

    refused = run(models, "model", "fit", "mobile", tmp_path / "people")

    assert refused.exit_code == 1
    assert f"2 people: {LEAST_PEOPLE} are needed" in refused.stderr


@pytest.mark.parametrize("words", [("model", "fit", "mobile"), ("evaluate", "--model", "mobile")])
def test_vectors_of_another_model_are_refused(
    models: Path, tmp_path: Path, words: tuple[str, ...]
) -> None:
    vectors = tmp_path / "vectors.npz"
    photographs_of(20, model="other-0123").save(vectors)

    refused = run(models, *words, tmp_path, "--vectors", vectors)

    assert refused.exit_code == 1
    assert f"has vectors of other-0123, not of {MANIFEST.model}" in refused.stderr.replace(
        "\n", " "
    )


@pytest.mark.parametrize("words", [("model", "fit", "absent"), ("evaluate", "--model", "absent")])
def test_a_model_that_is_not_there_is_named(
    models: Path, tmp_path: Path, words: tuple[str, ...]
) -> None:
    refused = run(models, *words, tmp_path)

    assert refused.exit_code == 1
    assert "there is no model 'absent'" in refused.stderr


def test_a_damaged_scale_is_told(models: Path) -> None:
    (models / "mobile" / PARAMETERS_FILE).write_text("{", encoding="utf-8")
    (models / "mobile" / COHORT_FILE).write_bytes(b"")

    shown = json.loads(run(models, "model", "show", "mobile", "--json").stdout)

    assert shown["scale"] is None
    assert "scoring.json: the file: Invalid JSON" in shown["problem"]


def test_a_safe_scale_is_told_where_people_are_evaluated(models: Path, tmp_path: Path) -> None:
    vectors = tmp_path / "vectors.npz"
    photographs_of(60).save(vectors)
    SafeScale(model=MANIFEST.model, mean=0, deviation=0.15, people=3).save(models / "mobile")
    said = ("evaluate", tmp_path, "--model", "mobile", "--vectors", vectors, "--draws", "2")

    shown = run(models, *said, "--plot", tmp_path / "curve.png")

    assert shown.exit_code == 0, shown.stderr
    assert f"the scale of {MANIFEST.model} is safe: " in shown.stdout.replace("\n", " ")
    assert "L2 < 0.6" not in shown.stdout  # the usual limit of dlib's network
