"""The limits of a model of one's own mean to strangers what dlib's mean to them."""

import pytest

from scoring.limits import AS_WITH_DLIBS, RARER, limits_of
from scoring.scoring_data import DATA, read_scoring_data


def test_dlib_s_limits_follow_from_its_own_curve() -> None:
    parameters = read_scoring_data(DATA).parameters

    found = parameters.model_copy(
        update=limits_of(parameters.curve, parameters.typical[0], AS_WITH_DLIBS)
    )

    for visitors in (100, 830, 8_000, 20_000):
        usual = parameters.linking.at(visitors)
        assert found.linking.at(visitors) == pytest.approx(usual, abs=0.15)
    assert found.least_likeness == pytest.approx(parameters.least_likeness, abs=0.1)
    assert found.one_person == pytest.approx(parameters.one_person, abs=0.1)
    assert found.same_look == pytest.approx(parameters.same_look, abs=0.005)


def test_they_rise_and_fall_with_the_curve() -> None:
    parameters = read_scoring_data(DATA).parameters
    higher = tuple(score + 3 for score in parameters.curve.score)
    curve = parameters.curve.model_copy(update={"score": higher})

    usual, raised = (limits_of(one, 0.3, RARER) for one in (parameters.curve, curve))

    for name in ("least_likeness", "one_person"):
        assert raised[name] == pytest.approx(usual[name] + 3, abs=0.01)
    assert raised["linking"].at(1000) == pytest.approx(usual["linking"].at(1000) + 3, abs=0.01)
    assert raised["same_look"] == usual["same_look"]
