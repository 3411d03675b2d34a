"""A store's own templates tell what its threshold does, and when they tell too little."""

from pathlib import Path

import httpx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.messages.calibration import Calibration
from contract.vectors import Vectors
from scoring.cohort import unit
from scoring.safe_scale import SafeScale
from scoring.score_scale import ScoreScale
from scoring.scoring_data import load_scoring_data
from shard.recognition.calibration import Owned, calibrate
from shard.recognition.counting_errors import counting_errors
from tests.shard.fakes import picture_of

SCALE = ScoreScale.measured(load_scoring_data())
COHORT = SCALE.cohort
threshold = SCALE.parameters.threshold
NOISES = (0.2, 0.3, 0.4)


def directions(count: int, random: np.random.Generator) -> Vectors:
    return unit(random.normal(size=(count, 128)).astype(np.float32))


def people(count: int, each: int, noise: float = 0.2) -> Owned:
    """Return people about as alike as the cohort's faces are, with so many templates each."""
    random = np.random.default_rng(count)
    of_two = random.integers(len(COHORT.faces), size=(count, 2))
    persons = unit(COHORT.faces[of_two].sum(axis=1) + 0.3 * directions(count, random))
    return {
        f"face-{number}": list(unit(person + noise * directions(each, random)))
        for number, person in enumerate(persons)
    }


def test_strangers_members_and_a_threshold_are_measured() -> None:
    found = calibrate(people(200, each=2), SCALE, "s", rate=0.05, same_visitor=0.01)

    assert (found.faces, found.several, found.doubts) == (200, 200, [])
    assert found.threshold == threshold(199, 0.05)
    assert sum(found.scores.genuine) == 400
    assert sum(found.scores.impostor) == 200 * 199
    for share in (found.strangers, found.members, found.score):
        assert share is not None
        assert share.low <= share.value <= share.high
    assert found.members is not None
    assert found.members.value > 0.9


def test_the_recommended_threshold_asks_the_measured_score() -> None:
    found = calibrate(people(200, each=2), SCALE, "s", rate=0.05, same_visitor=0.01)

    assert found.recommended is not None
    assert found.score is not None
    assert threshold(199, found.recommended) == pytest.approx(found.score.value, abs=0.01)


def test_a_rate_and_its_score_belong_together() -> None:
    assert SCALE.parameters.rate_at(500, threshold(500, 0.003)) == pytest.approx(0.003, rel=1e-3)


@pytest.mark.parametrize(
    ("owned", "rate", "doubt"),
    [
        (people(10, each=2), 0.2, "there are 10 people: fewer than 30 tell little"),
        (people(40, each=1), 0.1, "nobody has two pictures"),
        (people(40, each=2) | people(12, each=1), 0.01, "less than one person"),
    ],
)
def test_too_few_data_are_said_to_be_too_few(owned: Owned, rate: float, doubt: str) -> None:
    assert any(doubt in said for said in calibrate(owned, SCALE, "s", rate, rate).doubts)


def test_a_scale_that_was_not_measured_is_a_doubt(tmp_path: Path) -> None:
    SafeScale(model="mobile", mean=0, deviation=0.15, people=3).save(tmp_path)
    safe, none = ScoreScale.of_model("mobile", tmp_path), ScoreScale.of_model("mobile")

    doubts = [calibrate(people(40, each=2), scale, "s", 0.1, 0.1).doubts for scale in (safe, none)]

    assert [said[-1].split(":")[0] for said in doubts] == [
        "the scale of mobile is safe",
        "the scale of mobile is none",
    ]


@pytest.mark.parametrize("count", [0, 1])
def test_a_store_of_nobody_has_nothing_to_say(count: int) -> None:
    found = calibrate(people(count, each=1) if count else {}, SCALE, "s", 0.01, 0.01)

    assert (found.strangers, found.members, found.score, found.recommended) == (None,) * 4
    assert (found.missed, found.confused) == (None, None)


def test_who_is_hard_to_know_again_is_missed_more_often() -> None:
    found = [
        calibrate(people(150, each=3, noise=noise), SCALE, "s", 0.01, 0.01) for noise in NOISES
    ]

    missed = [each.missed for each in found if each.missed is not None]
    assert len(missed) == len(NOISES)
    assert all(share.low <= share.value <= share.high for share in missed)
    assert [share.value for share in missed] == sorted(share.value for share in missed)
    assert missed[0].value < 0.02
    assert missed[-1].value > 0.3


def test_a_looser_limit_confuses_more() -> None:
    strict, loose = (
        calibrate(people(400, each=2, noise=0.25), SCALE, "s", 0.01, same_visitor).confused
        for same_visitor in (0.001, 0.4)
    )

    assert strict is not None
    assert loose is not None
    assert strict.value < loose.value


@given(
    st.lists(st.integers(1, 4), min_size=1, max_size=12),
    st.sampled_from([0.001, 0.1, 0.4]),
)
def test_what_is_missed_and_confused_explains_the_count(each: list[int], rate: float) -> None:
    """F = N (1 - m - f) + m V, with the FaceIds that are counted in the end."""
    everybody = people(12, each=4, noise=0.3)
    owned = {name: everybody[name][:n] for name, n in zip(everybody, each, strict=False)}

    missed, visits, confused = counting_errors(owned, SCALE, rate)

    counted = len(each) + missed.sum() - confused.sum()
    assert len(missed) == len(each)
    assert counted == pytest.approx(round(counted))
    assert 1 <= round(counted) <= sum(each)
    assert visits.sum() == sum(each) - len(each)
    assert (missed <= visits).all()


async def test_no_vector_leaves_the_shard_with_its_scores(shard: httpx.AsyncClient) -> None:
    for person in (1, 2, 3):
        query = {"face_id": f"face-{person}"}
        (await shard.post("/faces", params=query, content=picture_of(person))).raise_for_status()

    answer = await shard.get("/calibration", params={"rate": 0.1})

    found = Calibration.model_validate(answer.json())
    assert (found.store, found.faces, found.rate) == ("s", 3, 0.1)
    assert sum(found.scores.impostor) == 6
    assert len(answer.content) < 2000
