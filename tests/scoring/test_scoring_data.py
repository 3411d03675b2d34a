"""Scores are made with the files of facegate, or with those of FACEGATE_SCORING."""

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from contract.errors import ConfigurationError
from scoring.score_scale import ScoreScale
from scoring.scoring_data import (
    COHORT_FILE,
    DATA,
    PARAMETERS_FILE,
    load_scoring_data,
    read_scoring_data,
)


def _forget() -> None:
    load_scoring_data.cache_clear()


@pytest.fixture
def other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Set FACEGATE_SCORING to a folder with half of the faces, and thresholds higher by 1."""
    parameters = read_scoring_data(DATA).parameters
    curve = parameters.curve.model_copy(
        update={"score": tuple(s + 1 for s in parameters.curve.score)}
    )
    np.save(tmp_path / COHORT_FILE, np.load(DATA / COHORT_FILE)[::2])
    changed = parameters.model_copy(update={"curve": curve})
    (tmp_path / PARAMETERS_FILE).write_text(changed.model_dump_json(), encoding="utf-8")
    monkeypatch.setenv("FACEGATE_SCORING", str(tmp_path))
    _forget()
    yield tmp_path
    monkeypatch.delenv("FACEGATE_SCORING")
    _forget()


def test_cohort_its_name_and_the_threshold_follow_the_setting(other: Path) -> None:
    there = ScoreScale.measured(load_scoring_data())
    assert len(there.cohort.faces) == len(np.load(other / COHORT_FILE))

    with pytest.MonkeyPatch.context() as without:
        without.delenv("FACEGATE_SCORING")
        _forget()
        here = ScoreScale.measured(load_scoring_data())

    assert len(here.cohort.faces) == len(np.load(DATA / COHORT_FILE))
    assert there.cohort.name != here.cohort.name
    needed = [scale.parameters.threshold(500, 0.01) for scale in (there, here)]
    assert needed[0] == pytest.approx(needed[1] + 1)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        (COHORT_FILE, None, "cohort.npy: No such file or directory"),
        (PARAMETERS_FILE, None, "scoring.json: No such file or directory"),
        (COHORT_FILE, b"no array", "cohort.npy: "),
        (PARAMETERS_FILE, b"{", "scoring.json: the file: Invalid JSON"),
        (PARAMETERS_FILE, b"{}", "scoring.json: model: Field required"),
    ],
)
def test_wrong_files_are_named(other: Path, name: str, content: bytes | None, message: str) -> None:
    if content is None:
        (other / name).unlink()
    else:
        (other / name).write_bytes(content)

    with pytest.raises(ConfigurationError, match=re.escape(message)) as wrong:
        load_scoring_data()

    assert str(wrong.value).startswith(f"FACEGATE_SCORING={str(other)!r}: ")


def test_fewer_faces_than_place_a_vector_are_no_cohort(other: Path) -> None:
    np.save(other / COHORT_FILE, np.load(other / COHORT_FILE)[:5])

    with pytest.raises(ConfigurationError, match=r"shape \(5, 128\) instead of more than"):
        load_scoring_data()


def test_a_folder_that_is_not_there_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, other: Path
) -> None:
    monkeypatch.setenv("FACEGATE_SCORING", str(tmp_path / "absent"))

    with pytest.raises(ConfigurationError, match=r"FACEGATE_SCORING='.*absent'"):
        load_scoring_data()
