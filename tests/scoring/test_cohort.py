"""Scores tell people apart on one scale, whatever else a face is like."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest

from contract.vectors import Vectors
from scoring.cohort import Cohort, Places, distance_of, fuse, pair_scores, unit
from scoring.parameters import name_digest
from scoring.score_scale import ScoreScale
from scoring.scoring_data import load_scoring_data

MODEL = load_scoring_data().parameters.model


def faces(count: int, seed: int) -> Vectors:
    """Return unit vectors about as alike as faces are: around one common direction."""
    draws = np.random.default_rng(seed).normal(size=(count, 128))
    return unit((draws + 12 * unit(np.ones(128, np.float32))).astype(np.float32))


def scores(probes: Vectors, templates: Vectors, cohort: Cohort) -> Vectors:
    return pair_scores(probes @ templates.T, cohort.place(probes).rows, cohort.place(templates))


@pytest.fixture
def cohort() -> Cohort:
    return Cohort(faces(300, 1), best=20, typical=(0.5, 0.06))


def test_the_same_face_scores_far_above_others(cohort: Cohort) -> None:
    people = faces(40, 2)
    noise = np.random.default_rng(3).normal(size=people.shape).astype(np.float32)
    seen_again = unit(people + 0.03 * noise)

    found = scores(seen_again, people, cohort)

    assert (found.argmax(axis=1) == np.arange(40)).all()
    assert np.diag(found).min() > found[~np.eye(40, dtype=bool)].max()


def test_a_face_that_is_near_to_everybody_needs_to_be_nearer(cohort: Cohort) -> None:
    everybody = unit(cohort.faces.sum(axis=0))
    plain, average_looking = faces(2, 4)
    average_looking = unit(average_looking + everybody)
    cosine = np.full((1, 1), 0.9, np.float32)

    both = [
        pair_scores(cosine, cohort.place(face[None]).rows, cohort.place(face[None])).item()
        for face in (plain, average_looking)
    ]

    assert both[0] > both[1] + 3


def test_a_score_does_not_depend_on_who_asks(cohort: Cohort) -> None:
    some, others = faces(5, 5), faces(7, 6)

    np.testing.assert_allclose(
        scores(some, others, cohort), scores(others, some, cohort).T, atol=1e-4
    )


def test_a_shortlist_scores_as_the_whole_gallery_does(cohort: Cohort) -> None:
    probes, templates = faces(3, 7), faces(50, 8)
    places = cohort.place(templates)
    picked = np.array([[4, 9], [0, 1], [30, 2]])
    cosines = np.take_along_axis(probes @ templates.T, picked, axis=1)

    short = pair_scores(cosines, cohort.place(probes).rows, places.of(picked))

    whole = scores(probes, templates, cohort)
    np.testing.assert_allclose(short, np.take_along_axis(whole, picked, axis=1), rtol=1e-5)


def test_the_same_picture_has_a_finite_score(cohort: Cohort) -> None:
    face = faces(1, 9)

    assert math.isfinite(scores(face, face, cohort).item())


def test_fused_frames_have_unit_length_and_lie_between_them() -> None:
    first, second = faces(2, 10)

    both = fuse([first, second])

    assert np.linalg.norm(both) == pytest.approx(1)
    assert first @ both == pytest.approx(second @ both, abs=1e-6)
    assert first @ both > first @ second


def test_a_vector_of_length_zero_stays_finite() -> None:
    assert unit(np.zeros((1, 4), np.float32)).tolist() == [[0, 0, 0, 0]]


def test_distances_are_those_of_unit_vectors() -> None:
    first, second = faces(2, 11)

    cosines = np.array([first @ second, 1.0000001], np.float32)

    assert distance_of(cosines).tolist() == pytest.approx(
        [np.linalg.norm(first - second), 0], abs=1e-6
    )


def test_vectors_of_another_model_all_have_the_typical_place() -> None:
    cohort = ScoreScale.of_model("another-model").cohort

    mean, deviation = cohort.place(faces(3, 12)[:, :64])

    assert not cohort.knows_the_model
    assert mean.tolist() == pytest.approx([cohort.typical[0]] * 3)
    assert deviation.tolist() == pytest.approx([cohort.typical[1]] * 3)


def test_places_survive_a_message(cohort: Cohort) -> None:
    places = cohort.place(faces(3, 15))

    told = Places.of_pairs(json.loads(json.dumps(places.pairs)))

    np.testing.assert_array_equal(told.mean, places.mean)
    np.testing.assert_array_equal(told.deviation, places.deviation)
    assert told.mean.dtype == told.deviation.dtype == np.float32


def test_fused_templates_score_as_much_less_as_strangers_gain_by_them(cohort: Cohort) -> None:
    fusing = replace(cohort, fused_extra=(0.0, 0.6, 0.8))
    probes, templates = faces(3, 13), faces(4, 14)
    cosines, rows = probes @ templates.T, cohort.place(probes).rows

    single = pair_scores(cosines, rows, fusing.place(templates))
    fused = pair_scores(cosines, rows, fusing.place(templates, pictures=[1, 2, 3, 5]))

    expected = single - np.array([0, 0.6, 0.8, 0.8])
    np.testing.assert_allclose(fused, expected, atol=1e-4)


def test_the_shipped_cohort_is_for_the_default_model() -> None:
    cohort = ScoreScale.of_model(MODEL).cohort

    assert cohort.knows_the_model
    assert cohort.best < len(cohort.faces)
    np.testing.assert_allclose(np.linalg.norm(cohort.faces, axis=1), 1, atol=1e-5)


def test_people_are_known_to_the_files_by_digest_alone() -> None:
    parameters = load_scoring_data().parameters

    assert not parameters.made_from("Nobody by this name")
    assert parameters.model_copy(update={"people": frozenset({name_digest("Someone")})}).made_from(
        "Someone"
    )
