"""What `python -m bench.count --rates` prints is what scoring reads, and says how it differs."""

import numpy as np
import pytest

from bench.count.rates import MIXES, counting_file, measured
from contract.errors import BadRequest
from facegate.evaluation.counting.mix import Mix
from facegate.evaluation.counting.simulation import Crowd
from facegate.evaluation.photographs import Photographs
from scoring.cohort import unit
from scoring.counting_rates import CountingTable, counting_table
from scoring.score_scale import ScoreScale
from scoring.scoring_data import load_scoring_data

PEOPLE, EACH = 30, 3


@pytest.fixture(scope="module")
def crowd() -> Crowd:
    """People of whom every third is not known again by one picture."""
    random = np.random.default_rng(1)
    files = load_scoring_data()
    of_two = random.integers(len(files.faces), size=(PEOPLE, 1, 2))
    persons = unit(files.faces)[of_two].sum(axis=2)
    noise = unit(random.normal(size=(PEOPLE, EACH, 128)).astype(np.float32)) * 0.3
    noise[::3, 0] *= 5
    vectors = unit((persons + noise).reshape(-1, 128))
    names = tuple(f"person-{number:02}" for number in range(PEOPLE))
    person = np.repeat(np.arange(PEOPLE), EACH)
    photographs = Photographs(names, person, vectors, vectors, vectors, files.parameters.model)
    return Crowd(photographs, ScoreScale.measured(files))


def test_rates_are_those_of_the_people(crowd: Crowd) -> None:
    row = measured(crowd, Mix(0, PEOPLE, (EACH, EACH)), draws=2)

    visits = PEOPLE * EACH
    counted = PEOPLE * (1 - row.missed - row.confused) + row.missed * visits
    assert row.missed >= 10 / 60  # the pictures that are unlike
    assert row.visitors == pytest.approx(counted, abs=0.6)
    assert row.visits_each == pytest.approx(visits / row.visitors, rel=0.02)


def test_too_few_people_are_refused(crowd: Crowd) -> None:
    with pytest.raises(BadRequest):
        measured(crowd, MIXES[0])


def test_what_is_printed_is_what_is_read(crowd: Crowd) -> None:
    rows = [measured(crowd, Mix(0, often, (EACH, EACH)), draws=1) for often in (10, PEOPLE)]

    read = CountingTable.model_validate_json(counting_file("dlib", rows))

    assert read == CountingTable(model="dlib", rates=(*rows,))


def test_the_shipped_rates_are_of_small_stores_and_of_large_ones_and_of_one_to_three_frames() -> (
    None
):
    rows = counting_table().rates

    assert {row.frames for row in rows} == {1, 2, 3}
    assert min(row.visitors for row in rows) < 60
    assert max(row.visitors for row in rows) > 10_000
    assert all(row.missed_deviation > 0 or row.missed == 0 for row in rows)
    assert all(row.confused_deviation > 0 for row in rows)
