"""Counting is simulated as it happens, and compared with the truth."""

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from contract.errors import BadRequest
from contract.messages.by_kind import ByKind
from contract.vectors import Vector, Vectors
from facegate.command import main
from facegate.evaluation.counting.counting_rule import CountingRule
from facegate.evaluation.counting.first_frame import FirstFrameRule
from facegate.evaluation.counting.learning import LearningRule
from facegate.evaluation.counting.looking_again import LookingAgainRule
from facegate.evaluation.counting.mix import Mix
from facegate.evaluation.counting.policies import policies
from facegate.evaluation.counting.sightings import FusedTrack, Sighting
from facegate.evaluation.counting.simulated_gallery import SimulatedGallery
from facegate.evaluation.counting.simulation import CountingPlan, Crowd, simulate
from facegate.evaluation.counting.tally import CountedVisits, Tally
from facegate.evaluation.counting.visit_plan import draw_plan, fitting_mix
from facegate.evaluation.counting.whole_track import WholeTrackRule
from facegate.evaluation.photographs import Photographs
from scoring.cohort import unit
from scoring.parameters import LinkingLimit
from scoring.score_scale import ScoreScale
from scoring.scoring_data import load_scoring_data
from tests.facegate.evaluation.test_evaluation import people

RATES, STRICT = ByKind(0.01, 0.01), ByKind(1e-6, 1e-6)
MODEL = "one that the cohort knows nothing of, so that every face has the typical place"
SCALE = ScoreScale.of_model(MODEL)


def rows(*numbers: int) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    return np.array(numbers, np.intp)


def directions(count: int) -> Vectors:
    """Return unit vectors of people who are like nobody."""
    return np.eye(128, dtype=np.float32)[:count]


def strangers_to_each_other(count: int, each: int) -> Photographs:
    person = np.repeat(np.arange(count), each)
    noise = np.random.default_rng(1).normal(size=(len(person), 128)).astype(np.float32)
    vectors = unit(directions(count)[person] + 0.01 * noise)
    names = tuple(f"person-{number:02}" for number in range(count))
    return Photographs(names, person, vectors, vectors, vectors, MODEL)


def turned(degrees: float) -> Vector:
    """Return the first person's vector, turned towards the second's; 25 degrees still match."""
    person, other = directions(2)
    turn = np.radians(degrees)
    return unit(np.cos(turn) * person + np.sin(turn) * other)


def sighting(frames: Vectors, day: int = 0, store: int = 0) -> Sighting:
    fused = unit(np.cumsum(np.atleast_2d(frames), axis=0))
    places = SCALE.cohort.place(fused)
    tracks = [
        FusedTrack(vector, places.of(rows(number)), number + 1, store)
        for number, vector in enumerate(fused)
    ]
    return Sighting(store, day, tuple(tracks))


def gallery(linking: float = 3.2) -> SimulatedGallery:
    """Return one where visitors are one person from the mean score `linking` on."""
    parameters = SCALE.parameters.model_copy(update={"linking": LinkingLimit(score=linking)})
    scale = replace(SCALE, data=SCALE.data._replace(parameters=parameters))
    return SimulatedGallery(scale, 128, 50)


def counted(rule: CountingRule, *seen: Sighting, linking: float = 3.2) -> list[int]:
    stored = gallery(linking)
    named = [rule.name(one, stored) for one in seen]
    return [int(person) for person in rule.persons(stored)[named]]


def test_who_is_told_apart_well_is_counted_exactly_by_every_rule() -> None:
    crowd = Crowd(strangers_to_each_other(60, each=12), SCALE)
    mix = Mix(20, 30, (2, 5), frames=2, members=5, stores=2, elsewhere=0.5)

    tallies = simulate(crowd, policies(RATES), CountingPlan(mix, 2, 3), lambda done, total: None)

    assert len(tallies) == 5
    for tally in (one for of_rule in tallies.values() for one in of_rule):
        assert tally.uv == tally.true_uv == 50
        assert (tally.uv_by_day, tally.uv_by_week) == (tally.true_uv_by_day, tally.true_uv_by_week)
        assert tally.new == tally.true_new
        assert tally.people_counted_once == 50
        assert (tally.missed, tally.confused, tally.faceids_of_several) == (0, 0, 0)


def test_parts_and_confusions_are_counted() -> None:
    """Person 0 comes four times as 10, 11, 10, 12; persons 1 and 2 as 20; person 3 as 10."""
    tally = Tally.of(
        CountedVisits(
            person=rows(0, 1, 0, 2, 0, 3, 0),
            counted=rows(10, 20, 11, 20, 10, 10, 12),
            store=rows(0, 0, 0, 1, 1, 0, 0),
            day=rows(0, 0, 1, 6, 7, 8, 29),
            home=rows(0, 0, 0, 0, 0, 0, 0),
        )
    )

    assert (tally.pv, tally.uv, tally.true_uv) == (7, 4, 4)
    assert (tally.uv_by_day, tally.true_uv_by_day) == (7, 7)
    assert (tally.uv_by_week, tally.true_uv_by_week) == (3 + 1 + 1, 3 + 2 + 1)
    assert (tally.uv_by_month, tally.true_uv_by_month) == (3 + 1, 4 + 1)
    assert (tally.new, tally.true_new) == (4 + 2, 3 + 2)
    assert (tally.roaming, tally.true_roaming) == (2, 1)
    assert (tally.people_counted_once, tally.faceids_of_several) == (3, 2)
    assert tally.missed == pytest.approx((6 - 4) / (7 - 4))
    assert tally.confused == pytest.approx((6 - 4) / 4)


def test_the_count_follows_from_what_is_missed_and_confused() -> None:
    crowd = Crowd(people(80, each=6, noise=0.5), ScoreScale.measured(load_scoring_data()))
    plan = CountingPlan(Mix(30, 40, (2, 5)), 2, 5)

    for tallies in simulate(
        crowd, policies(ByKind(0.05, 0.05)), plan, lambda done, total: None
    ).values():
        for tally in tallies:
            n, m, f = tally.true_uv, tally.missed, tally.confused
            assert tally.uv == pytest.approx(n * (1 - m - f) + m * tally.pv)


def test_a_bad_first_frame_divides_a_visitor_unless_the_track_is_waited_for() -> None:
    known, track = sighting(turned(0)), sighting(np.stack([turned(40), turned(4)]))

    assert counted(FirstFrameRule(RATES), known, track) == [0, 1]
    assert counted(WholeTrackRule(RATES), known, track) == [0, 0]


def test_what_a_first_frame_minted_is_dropped_when_a_later_one_says_somebody_else() -> None:
    track = sighting(np.stack([turned(40), *[turned(0)] * 4]))
    stored = gallery()
    rule = FirstFrameRule(RATES)

    named = [rule.name(one, stored) for one in (sighting(turned(0)), track)]

    assert named == [0, 0]
    assert stored.visitors.tolist() == [0]


def test_a_stranger_of_a_long_track_is_minted_once_with_the_fused_vector() -> None:
    track = sighting(np.stack([turned(40), *[turned(0)] * 4]))
    stored = gallery()

    WholeTrackRule(RATES).name(track, stored)

    assert stored.count == 1
    np.testing.assert_allclose(stored.vectors(rows(0))[0], track.tracks[2].vector, atol=1e-6)


def test_who_was_learned_is_known_from_another_side() -> None:
    seen = [sighting(turned(degrees)) for degrees in (0, 20, 34)]

    assert counted(WholeTrackRule(RATES), *seen) == [0, 0, 1]
    assert counted(LearningRule(WholeTrackRule(RATES), RATES), *seen) == [0, 0, 0]


def test_a_visitor_does_not_walk_to_somebody_else_by_small_steps() -> None:
    seen = [sighting(turned(degrees)) for degrees in (0, 20, 34, 34, 46)]

    assert counted(LearningRule(WholeTrackRule(RATES), RATES), *seen) == [0, 0, 0, 0, 1]


def test_looking_again_joins_who_reaches_the_limit() -> None:
    seen = [sighting(turned(degrees)) for degrees in (0, 18, 90)]
    rule = WholeTrackRule(STRICT)

    assert counted(rule, *seen) == [0, 1, 2]
    assert counted(LookingAgainRule(rule), *seen, linking=2.0) == [0, 0, 2]
    assert counted(LookingAgainRule(rule), *seen, linking=100.0) == [0, 1, 2]


def test_members_are_named_and_never_joined_afterwards() -> None:
    stored = gallery(linking=2.0)
    member = stored.enroll(turned(0), store=0)
    rule = LookingAgainRule(WholeTrackRule(STRICT))

    named = [rule.name(sighting(turned(degrees)), stored) for degrees in (0, 18)]

    assert named == [member, 1]
    assert rule.persons(stored)[named].tolist() == named


def test_a_visitor_who_was_not_seen_for_long_is_a_stranger_again() -> None:
    stored = gallery()
    rule = WholeTrackRule(RATES)
    first = rule.name(sighting(turned(0)), stored)

    stored.saw(first, day=3)
    stored.expire(before=3)
    assert rule.name(sighting(turned(0)), stored) == first
    stored.expire(before=4)
    assert rule.name(sighting(turned(0)), stored) != first


def test_a_plan_shows_each_photograph_once_and_each_person_once_a_day() -> None:
    photographs = people(50, each=13)
    mix = Mix(15, 20, (2, 5), frames=2, members=4, stores=3, elsewhere=0.5, days=10)

    plan = draw_plan(photographs, mix, np.random.default_rng(2))

    shown = np.concatenate([visit.frames for visit in plan.visits])
    enrolled = [member.photograph for member in plan.members]
    assert len({*shown.tolist(), *enrolled}) == len(shown) + 4
    assert all((photographs.person[one.frames] == one.person).all() for one in plan.visits)
    assert [one.day for one in plan.visits] == sorted(one.day for one in plan.visits)
    assert max(Counter((one.person, one.day) for one in plan.visits).values()) == 1
    visits = Counter(one.person for one in plan.visits)
    assert sum(count == 1 for count in visits.values()) == 15
    assert {2, 5} <= set(visits.values()) <= {1, 2, 3, 4, 5}
    stores = {person: {v.store for v in plan.visits if v.person == person} for person in visits}
    assert {len(one) for one in stores.values()} == {1, 2}


def test_more_people_than_there_are_pictures_for_are_refused_or_left_out() -> None:
    photographs = people(30, each=3)
    mix = Mix(500, 250, (2, 8), frames=2)

    with pytest.raises(BadRequest, match="pictures for 0 people who come again and 30 others"):
        draw_plan(photographs, mix, np.random.default_rng(0))
    assert fitting_mix(photographs, mix) == Mix(30, 0, (2, 8), frames=2)


def run(*arguments: str | Path) -> Result:
    command = ["evaluate", *map(str, arguments), "--visits"]
    return CliRunner().invoke(main, command, catch_exceptions=False)


@pytest.fixture
def vectors(tmp_path: Path) -> Path:
    photographs: Photographs = people(40, each=4)
    photographs.save(tmp_path / "vectors.npz")
    return tmp_path / "vectors.npz"


def test_the_command_compares_the_rules(vectors: Path, tmp_path: Path) -> None:
    plot = ("--plot", tmp_path / "bars.png")
    arguments = ("--vectors", vectors, "--draws", "2", "--often", "20", "--once", "10", *plot)

    result = run(tmp_path, *arguments, "--stores", "2", "--times", "3", "3", "--json")

    assert result.exit_code == 0, result.stderr
    report = json.loads(result.stdout)
    assert (report["people"], report["draws"], report["mix"]["visits"]) == (40, 2, [3, 3])
    assert [row["rule"] for row in report["rows"]] == list(policies(RATES))
    for row in report["rows"]:
        assert row["uv_off"]["worst"] >= -1
        assert 0 <= row["missed"]["mean"] <= 1
    assert (tmp_path / "bars.png").read_bytes().startswith(b"\x89PNG")
    table = run(tmp_path, *arguments).stdout
    assert "10 people once and 20 people 2 to 8 times, 1 frame a visit; 2 draws" in table
    assert "looking again" in table
