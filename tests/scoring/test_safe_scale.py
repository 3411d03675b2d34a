"""A model that nobody has fitted has thresholds that let fewer strangers in than asked."""

from pathlib import Path

import numpy as np
import pytest

from contract.errors import ConfigurationError
from contract.vectors import Vectors
from scoring.cohort import Cohort, likeness_of, pair_scores, unit
from scoring.safe_scale import SAFE_FILE, SafeScale, read_safe_scale

MODEL = "mobile-0123"


def strangers(people: int, deviation: float, seed: int = 1) -> Vectors:
    """Return a vector each of people whose likeness has about that deviation, and the mean 0."""
    dimension = round(deviation**-2)
    vectors = np.random.default_rng(seed).normal(size=(people, dimension))
    return unit(vectors.astype(np.float32))


def safe_scale(vectors: Vectors) -> SafeScale:
    pairs = np.triu_indices(len(vectors), 1)
    return SafeScale.of(MODEL, (vectors @ vectors.T)[pairs], len(vectors))


def passing(vectors: Vectors, safe: SafeScale, rate: float) -> float:
    """Return the share of the second half of the people who pass for one of the first half."""
    data = safe.data
    place = Cohort.from_data(data, MODEL).place
    gallery, others = np.split(vectors, 2)
    scores = pair_scores(others @ gallery.T, place(others).rows, place(gallery))
    return float((scores.max(axis=1) >= data.parameters.threshold(len(gallery), rate)).mean())


@pytest.mark.parametrize("known", [0, 3, 40, 400])
@pytest.mark.parametrize("deviation", [0.06, 0.1, 0.15])
def test_no_more_strangers_pass_than_asked_however_few_faces_told_it(
    known: int, deviation: float
) -> None:
    vectors = strangers(1200, deviation)

    safe = safe_scale(strangers(known, deviation, seed=2))

    assert safe.people == known
    assert passing(vectors, safe, 0.1) <= 0.1
    assert passing(vectors, safe, 0.01) <= 0.01


def test_few_faces_make_it_no_looser_and_many_do() -> None:
    near, far = 0.15, 0.06

    few, many = safe_scale(strangers(10, far)), safe_scale(strangers(100, far))

    assert few.deviation == near
    assert far < many.deviation < 1.1 * far


def test_strangers_who_are_more_alike_than_usual_make_it_stricter() -> None:
    alike = unit(strangers(3, 0.1) + 2)

    few = safe_scale(alike)

    assert few.mean > 0.2
    assert few.deviation > 0.3


def test_several_pictures_of_two_people_count_as_one_pair() -> None:
    vectors = strangers(3, 0.1)
    cosines = (vectors @ vectors.T)[np.triu_indices(3, 1)]

    one, many = (SafeScale.of(MODEL, np.tile(cosines, times), 3) for times in (1, 10))

    assert one == many
    assert one.mean == pytest.approx(float(likeness_of(cosines).mean()) / 2, abs=1e-4)


def test_it_is_kept_with_the_model(tmp_path: Path) -> None:
    safe = safe_scale(strangers(3, 0.1))
    assert read_safe_scale(tmp_path) is None

    safe.save(tmp_path)

    assert read_safe_scale(tmp_path) == safe
    assert safe.data.digest == read_safe_scale(tmp_path).data.digest  # type: ignore[union-attr]


def test_a_wrong_file_is_named(tmp_path: Path) -> None:
    (tmp_path / SAFE_FILE).write_text('{"model": "m", "mean": 0, "deviation": -1, "people": 3}')

    with pytest.raises(ConfigurationError, match=r"safe\.json: deviation: "):
        read_safe_scale(tmp_path)
