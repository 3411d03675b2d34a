"""Scores belong to a model: to each its own scale, a safe one, or none that names anybody."""

from pathlib import Path

import numpy as np
import pytest

from contract.errors import ConfigurationError
from scoring.cohort import Cohort
from scoring.safe_scale import SafeScale
from scoring.score_scale import ScoreScale
from scoring.scoring_data import COHORT_FILE, DATA, PARAMETERS_FILE, read_scoring_data

SHIPPED = read_scoring_data(DATA)
OWN = "mobile-0123"
SAFE = SafeScale(model=OWN, mean=0.0, deviation=0.15, people=3)


def keep_files(folder: Path, model: str = OWN) -> None:
    """Keep files of 700 faces with 192 numbers each, made with `model` from three people."""
    faces = np.random.default_rng(1).normal(size=(700, 192)).astype(np.float16)
    people = frozenset({"aa", "bb", "cc"})
    parameters = SHIPPED.parameters.model_copy(update={"model": model, "people": people})
    np.save(folder / COHORT_FILE, faces)
    (folder / PARAMETERS_FILE).write_text(parameters.model_dump_json(), encoding="utf-8")


def test_the_installed_network_has_the_shipped_scale() -> None:
    scale = ScoreScale.of_model(SHIPPED.parameters.model)

    assert (scale.kind, scale.is_shipped) == ("measured", True)
    assert scale.data.digest == SHIPPED.digest
    assert scale.cohort.knows_the_model
    assert scale.status.made_from == "2890 people"


def test_files_beside_the_model_are_its_scale(tmp_path: Path) -> None:
    SAFE.save(tmp_path)
    keep_files(tmp_path)

    scale = ScoreScale.of_model(OWN, tmp_path)

    assert (scale.kind, scale.is_shipped) == ("measured", False)
    assert scale.cohort.faces.shape == (700, 192)
    assert scale.status.made_from == "3 people"


def test_files_of_another_model_are_no_scale(tmp_path: Path) -> None:
    keep_files(tmp_path, model="mobile-before-its-manifest-was-changed")
    assert ScoreScale.of_model(OWN, tmp_path).kind == "none"

    SAFE.save(tmp_path)

    assert ScoreScale.of_model(OWN, tmp_path).kind == "safe"
    SAFE.model_copy(update={"model": "mobile-before"}).save(tmp_path)
    assert ScoreScale.of_model(OWN, tmp_path).kind == "none"


def test_a_safe_scale_asks_for_cosines_of_its_own(tmp_path: Path) -> None:
    SAFE.save(tmp_path)

    scale = ScoreScale.of_model(OWN, tmp_path)

    needed = [_cosine_needed(scale, faces) for faces in (10, 500, 2000)]
    assert needed == [pytest.approx(each, abs=0.01) for each in (0.51, 0.63, 0.67)]
    assert "`facegate model fit`" in scale.status.detail


def test_without_a_scale_next_to_nobody_is_named() -> None:
    scale = ScoreScale.of_model(OWN)

    assert (scale.kind, scale.status.made_from) == ("none", "0 people")
    assert _cosine_needed(scale, 500) > 0.93
    assert not any(map(scale.parameters.made_from, ["Al_Davis", "Alan_Ball"]))


def test_wrong_files_are_named(tmp_path: Path) -> None:
    keep_files(tmp_path)
    (tmp_path / COHORT_FILE).write_bytes(b"no array")

    with pytest.raises(ConfigurationError, match=f"^{tmp_path}: cohort.npy: "):
        ScoreScale.of_model(OWN, tmp_path)


def test_scales_are_told_apart_by_their_names(tmp_path: Path) -> None:
    """Places of faces are sent to other shards, who must have the same scale to use them."""
    SAFE.save(tmp_path)
    safe = ScoreScale.of_model(OWN, tmp_path).cohort.name
    keep_files(tmp_path)
    own = ScoreScale.of_model(OWN, tmp_path).cohort.name

    assert len({safe, own, ScoreScale.of_model(OWN).cohort.name}) == 3


def _cosine_needed(scale: ScoreScale, faces: int) -> float:
    """Return the cosine that 1% of strangers reach with so many, where all have one place."""
    cohort: Cohort = scale.cohort
    mean, deviation = cohort.typical
    score = scale.parameters.threshold(faces, 0.01)
    return float(np.tanh(mean + deviation * score / 2))
