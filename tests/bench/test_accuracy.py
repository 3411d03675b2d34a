"""The numbers that the shipped cohort and threshold are made with."""

from itertools import combinations

import numpy as np
import pytest

from bench.accuracy.own_face import Trials, draw_trials
from facegate.evaluation.fitting.expectation import Everybody, Expectation
from facegate.evaluation.fitting.mixture import FACES, draw_faces
from facegate.evaluation.fitting.split import develops
from facegate.evaluation.photographs import Photographs
from scoring.cohort import unit


def test_expected_rates_are_the_means_over_all_galleries() -> None:
    """Five people, one visit each, galleries of two of the four others."""
    random = np.random.default_rng(4)
    scores = random.permutation(25).reshape(5, 5).astype(np.float32)
    everybody = Everybody(np.arange(5), np.arange(5, 10), np.arange(5))
    expectation = Expectation(everybody, scores)
    galleries = [
        (visit, gallery)
        for visit in range(5)
        for gallery in combinations([other for other in range(5) if other != visit], 2)
    ]
    best = sorted((max(scores[visit, list(g)]) for visit, g in galleries), reverse=True)

    for passing in (3, 10, 20):
        [score] = expectation.scores_at(2, [(passing - 0.5) / len(galleries)])
        assert score == best[passing - 1]

    named = [
        all(scores[visit, visit] > scores[visit, other] for other in gallery[:1])
        for visit, gallery in galleries
        for gallery in [gallery, gallery[::-1]]
    ]
    assert expectation.tpir(2, -1) == pytest.approx(np.mean(named))


def test_the_cohort_is_nobody_of_those_it_is_drawn_from() -> None:
    random = np.random.default_rng(1)
    persons = random.normal(size=(300, 128)) + 3 * random.normal(size=(30, 128)).repeat(10, axis=0)
    people = unit(persons.astype(np.float32))

    faces = draw_faces(people, seed=1)

    assert faces.shape == (FACES, 128)
    np.testing.assert_allclose(np.linalg.norm(faces, axis=1), 1, atol=1e-5)
    assert (faces @ people.T).max() < 0.999
    np.testing.assert_array_equal(faces, draw_faces(people, seed=1))


def test_a_limit_refuses_a_fiftieth_of_the_people_s_true_pictures() -> None:
    """A hundred people with one true picture each, and one with a hundred bad ones."""
    owners = np.concatenate([np.arange(100), np.full(100, 100), np.zeros(4, np.intp)])
    true = np.arange(204) < 200
    scores = np.concatenate([np.arange(100.0), np.full(100, -50.0), [-60, 0, 1, 90]])
    trials = Trials(np.arange(204), owners, np.zeros((204, 1), np.intp), true)

    limit = trials.limit(scores.astype(np.float32))

    assert limit == 1
    assert trials.refused(scores, limit) == pytest.approx(2 / 101)
    assert trials.caught(scores, limit) == 0.5


def test_true_pictures_are_the_owner_s_and_wrong_ones_of_the_same_half() -> None:
    people = tuple(f"person {number}" for number in range(40))
    person = np.repeat(np.arange(40), 3)
    vectors = unit(np.random.default_rng(2).normal(size=(120, 8)).astype(np.float32))
    photographs = Photographs(people, person, vectors, vectors, vectors, "model")

    trials = draw_trials(photographs, True, 2, np.random.default_rng(3))

    assert ((person[trials.probes] == trials.owners) == trials.true).all()
    assert (person[trials.templates] == trials.owners[:, None]).all()
    assert not (trials.templates == trials.probes[:, None]).any()
    assert {develops(people[number]) for number in person[trials.probes]} == {True}
    assert set(trials.true.tolist()) == {True, False}
