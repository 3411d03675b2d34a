"""How often people are counted wrongly: measured, written, and read again by scoring."""

from pathlib import Path

import numpy as np
import pytest

from contract.errors import BadRequest, ConfigurationError
from facegate.evaluation.counting.measured_rates import (
    LEAST_REGULARS,
    MIXES,
    measure_own_rates,
    measured,
)
from facegate.evaluation.counting.mix import Mix
from facegate.evaluation.counting.simulation import Crowd
from facegate.evaluation.photographs import Photographs
from scoring.cohort import unit
from scoring.counting_rates import (
    CountingTable,
    counting_table,
    read_counting_table,
    save_counting_table,
)
from scoring.score_scale import ScoreScale
from scoring.scoring_data import load_scoring_data

PEOPLE, EACH = 42, 3


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
    assert row.missed >= 14 / 84  # the pictures that are unlike
    assert row.visitors == pytest.approx(counted, abs=0.6)
    assert row.visits_each == pytest.approx(visits / row.visitors, rel=0.02)


def test_too_few_people_are_refused(crowd: Crowd) -> None:
    with pytest.raises(BadRequest):
        measured(crowd, MIXES[0])


def test_what_is_printed_is_what_is_read(crowd: Crowd) -> None:
    rows = [measured(crowd, Mix(0, often, (EACH, EACH)), draws=1) for often in (10, PEOPLE)]

    table = CountingTable(model="dlib", rates=(*rows,))

    assert CountingTable.model_validate_json(table.text) == table


def test_a_table_is_kept_with_a_model_and_goes_when_there_is_none(
    crowd: Crowd, tmp_path: Path
) -> None:
    assert read_counting_table(tmp_path) is None
    table = CountingTable(model="m", rates=(measured(crowd, Mix(0, 20, (EACH, EACH)), draws=1),))

    save_counting_table(table, tmp_path)
    assert read_counting_table(tmp_path) == table

    save_counting_table(None, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_table_that_was_damaged_is_named(tmp_path: Path) -> None:
    (tmp_path / "counting.json").write_text('{"model": "m", "rates": []}')

    with pytest.raises(ConfigurationError, match=r"counting\.json: rates: "):
        read_counting_table(tmp_path)


def test_own_rates_are_of_as_many_people_as_come_again(crowd: Crowd) -> None:
    """Of people with three pictures: one mix of all of them, and others of fewer."""
    rows = measure_own_rates(crowd)

    assert len(rows) >= 2
    assert max(row.visitors for row in rows) <= PEOPLE * EACH
    assert all(row.missed > 0 for row in rows if row.frames == 1)
    assert any(row.missed_deviation > 0 for row in rows)


def test_of_too_few_people_who_come_again_nothing_is_told(crowd: Crowd) -> None:
    few = {f"person-{number:02}" for number in range(LEAST_REGULARS - 1)}
    photographs = crowd.photographs.where(few.__contains__)

    assert measure_own_rates(Crowd(photographs, crowd.scale)) == []


def test_the_shipped_rates_are_of_small_stores_and_of_large_ones_and_of_one_to_three_frames() -> (
    None
):
    rows = counting_table().rates

    assert {row.frames for row in rows} == {1, 2, 3}
    assert min(row.visitors for row in rows) < 60
    assert max(row.visitors for row in rows) > 10_000
    assert all(row.missed_deviation > 0 or row.missed == 0 for row in rows)
    assert all(row.confused_deviation > 0 for row in rows)
