"""People in a clip of a film whom HOG does not see: from the side, in poor light."""

import itertools
from functools import partial

import pytest

from bench.detect.clip import CLIP, PEOPLE, watch
from encoder.duty_budget import DutyBudget

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not CLIP.is_file(), reason="needs ../shared/photos with the clip"),
]


def test_auto_finds_people_whom_hog_does_not_see_in_a_fraction_of_the_cnns_looks() -> None:
    looks = itertools.count(0.0, 0.2)  # each costs so many seconds, on however busy a machine
    by_hog, by_auto = watch("hog"), watch("auto", DutyBudget(cpu=partial(next, looks)))

    assert by_hog.people < by_auto.people
    assert {"a man in profile", "a woman in profile", "the singer"} <= by_auto.people
    assert by_auto.tracks == len({one.person for one in PEOPLE})
    assert by_auto.false <= by_hog.false + 1
    assert 0 < by_auto.looks <= by_auto.frames / 2
