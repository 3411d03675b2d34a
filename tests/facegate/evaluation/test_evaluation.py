"""An evaluation gives the rates that are there, and says when they cannot be told."""

import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from contract.errors import BadRequest
from contract.vectors import Vectors
from facegate.command import main
from facegate.evaluation.evaluate import NEAREST, OURS, PLAIN, EvaluationPlan, measure
from facegate.evaluation.outcome import Outcome
from facegate.evaluation.photographs import Photographs, Rows
from facegate.evaluation.rates import OutcomeRates, redraw
from facegate.evaluation.report import Report, ReportRow
from facegate.evaluation.subjects import HALF
from facegate.evaluation.visits import Draw, VisitSet, draw
from scoring.cohort import Floats, unit
from scoring.parameters import ScoringParameters, name_digest
from scoring.score_scale import ScoreScale
from scoring.scoring_data import (
    COHORT_FILE,
    DATA,
    PARAMETERS_FILE,
    load_scoring_data,
    read_scoring_data,
)
from tests.pictures import SHARED, needs_shared, sample

MODEL = load_scoring_data().parameters.model


def directions(count: int, random: np.random.Generator) -> Vectors:
    return unit(random.normal(size=(count, 128)).astype(np.float32))


def people(count: int, each: int = 3, noise: float = 0.2, seed: int = 0) -> Photographs:
    """Return photographs of people who are about as alike as faces of the cohort are."""
    random = np.random.default_rng(seed)
    faces = ScoreScale.of_model(MODEL).cohort.faces
    of_two = random.integers(len(faces), size=(count, 2))
    persons = unit(faces[of_two].sum(axis=1) + 0.3 * directions(count, random))
    person = np.repeat(np.arange(count), each)
    vectors = unit(persons[person] + noise * directions(count * each, random))
    names = tuple(f"person-{number:04}" for number in range(count))
    return Photographs(names, person, vectors, vectors, 1.4 * vectors, MODEL)


def rows_of(photographs: Photographs, plan: EvaluationPlan) -> dict[tuple[str, int], ReportRow]:
    rows = measure(photographs, ScoreScale.of_model(MODEL), plan, lambda done, total: None)
    return {(row.rule, row.frames): row for row in rows}


def test_rates_come_with_intervals_for_every_rule_and_for_tracks() -> None:
    rows = rows_of(people(120, each=4), EvaluationPlan(gallery=40, draws=4, seed=1))

    assert set(rows) == {(OURS, 1), (OURS, 2), (OURS, 3), (PLAIN, 1), (NEAREST, 1)}
    for row in rows.values():
        assert row.rank_one.low <= row.rank_one.value <= row.rank_one.high
        for rate in row.rates:
            assert rate.tpir.low <= rate.tpir.value <= rate.tpir.high
    ours = rows[OURS, 1]
    tpirs = [rate.tpir.value for rate in ours.rates]
    assert tpirs == sorted(tpirs, reverse=True)
    assert ours.curve == sorted(ours.curve)
    assert ours.curve[-1] == ours.rank_one.value


def test_the_nearest_without_a_threshold_takes_every_stranger_for_somebody() -> None:
    nearest = rows_of(people(60), EvaluationPlan(gallery=20, draws=2, seed=1))[NEAREST, 1]

    assert nearest.fixed_fpir is not None
    assert nearest.fixed_fpir.value == 1
    assert nearest.fixed_tpir == nearest.rank_one


def test_people_with_two_pictures_come_in_no_visits_of_two_frames() -> None:
    rows = rows_of(people(60, each=2), EvaluationPlan(gallery=20, draws=2, seed=1))

    assert (OURS, 1) in rows
    assert (OURS, 2) not in rows


def test_nobody_with_two_pictures_is_an_error() -> None:
    with pytest.raises(BadRequest, match="people with two pictures"):
        rows_of(people(30, each=1), EvaluationPlan(gallery=10, draws=2, seed=1))


@pytest.mark.parametrize(("folder", "gallery", "expected"), [(30, None, 15), (3000, None, 500)])
def test_half_of_the_people_at_most_are_in_the_gallery(
    folder: int, gallery: int | None, expected: int
) -> None:
    assert EvaluationPlan.for_people(folder, gallery, 20, 0).gallery == expected


def test_a_gallery_of_everybody_is_an_error() -> None:
    with pytest.raises(BadRequest, match="of 30 people, a gallery of 30 leaves nobody"):
        EvaluationPlan.for_people(30, 30, 20, 0)


def test_the_same_seed_gives_the_same_numbers() -> None:
    plan = EvaluationPlan(gallery=20, draws=2, seed=7)

    assert rows_of(people(60), plan) == rows_of(people(60), plan)


def test_a_draw_never_shows_a_member_with_the_gallerys_picture() -> None:
    photographs = people(50, each=4)

    drawn = draw(photographs, 20, 2, np.random.default_rng(3))

    assert len(set(photographs.person[drawn.gallery])) == 20
    assert not set(drawn.members.frames.ravel()) & set(drawn.gallery)
    assert not set(drawn.members.person) & set(drawn.strangers.person)
    for visits in (drawn.members, drawn.strangers):
        assert (photographs.person[visits.frames] == visits.person[:, None]).all()
        assert len(set(visits.frames.ravel())) == visits.frames.size


def test_rates_are_shares_of_people_not_of_pictures() -> None:
    """Person 1 comes three times and always passes, person 2 once and does not."""
    outcome = Outcome(
        right=np.array([9, 9, 9, 1], np.float32),
        member=np.array([1, 1, 1, 2]),
        best=np.array([8, 7, 3, 2, 2], np.float32),
        stranger=np.array([3, 4, 5, 6, 6]),
    )
    rates = OutcomeRates(outcome, redraw(7, 50, np.random.default_rng(0)))

    assert rates.tpir(5).value == 0.5
    assert rates.fpir(5).value == 0.5
    assert rates.fpir(7).value == 0.25
    assert rates.score_at(0.25).value == 7
    assert rates.score_at(0.24).value == 8
    assert rates.tpir_at(0.25).value == 0.5
    assert rates.tpir_at(1).value == 1


class FixedScores:
    """A rule that gives any two visits these scores."""

    def scores(self, frames: Rows, gallery: Rows) -> Floats:
        return np.array([[5, 7], [1, 6]], np.float32)


def test_a_member_is_named_rightly_when_no_other_template_is_better() -> None:
    one_frame = np.array([[0], [1]])
    drawn = Draw(
        gallery=np.array([2, 3]),
        members=VisitSet(one_frame, person=np.array([0, 1])),
        strangers=VisitSet(one_frame, person=np.array([2, 3])),
    )

    outcome = Outcome.of(drawn, FixedScores(), person=np.array([0, 1, 0, 1]))

    assert outcome.right.tolist() == [-np.inf, 6]
    assert outcome.best.tolist() == [7, 6]


def test_a_share_of_the_people_keeps_their_photographs() -> None:
    photographs = people(10)

    some = photographs.where(lambda name: name in {"person-0003", "person-0007"})

    assert some.people == ("person-0003", "person-0007")
    assert some.person.tolist() == [0, 0, 0, 1, 1, 1]
    np.testing.assert_array_equal(some.vectors[3:], photographs.vectors[21:24])


def test_vectors_are_kept_and_taken_from_a_file(tmp_path: Path) -> None:
    photographs = people(5)

    photographs.save(tmp_path / "vectors")

    loaded = Photographs.load(tmp_path / "vectors")
    assert (loaded.people, loaded.model) == (photographs.people, MODEL)
    np.testing.assert_array_equal(loaded.vectors, photographs.vectors)


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["evaluate", *map(str, arguments)], catch_exceptions=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of three people, one of them with several pictures, and one that shows no face."""
    for person, names in {
        "obama": ["obama.jpg", "obama2.jpg", "obama3.jpg"],
        "biden": ["biden.jpg"],
        "collins": ["astronaut.png"],
    }.items():
        (tmp_path / "people" / person).mkdir(parents=True)
        for name in names:
            (tmp_path / "people" / person / name).write_bytes(sample(name))
    (tmp_path / "people" / "biden" / "broken.jpg").write_bytes(b"\xff\xd8\xff no picture")
    return tmp_path / "people"


@pytest.mark.processes
def test_a_folder_of_people_is_evaluated(folder: Path, tmp_path: Path) -> None:
    plot = str(tmp_path / "curve.png")
    arguments = ["--gallery", "1", "--draws", "30", "--plot", plot]

    result = run(folder, *arguments, "--vectors", tmp_path / "vectors.npz", "--json")

    assert result.exit_code == 0
    report = json.loads(result.stdout)
    assert (report["people"], report["people_seen_twice"], report["refused"]) == (3, 1, 1)
    assert report["rows"][0]["rank_one"]["value"] == 1
    assert (tmp_path / "curve.png").read_bytes().startswith(b"\x89PNG")
    again = run(folder, *arguments, "--vectors", tmp_path / "vectors.npz")
    assert "with the cohort's own threshold" in again.stdout
    assert "TPIR" in again.stdout


def test_a_folder_without_people_is_one_line_and_1(tmp_path: Path) -> None:
    (tmp_path / "loose.jpg").write_bytes(sample("obama.jpg"))

    result = run(tmp_path)

    assert result.exit_code == 1
    assert "one folder a person is expected" in result.stderr


@pytest.mark.processes
def test_with_people_of_the_cohort_alone_it_says_how_to_test(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = {"obama", "biden"}
    monkeypatch.setattr(ScoringParameters, "made_from", lambda self, name: name in known)

    too_few = run(folder, "--vectors", tmp_path / "of-one.npz")
    known.add("collins")
    nobody = run(folder)
    nobody_of_the_kept = run(folder, "--vectors", tmp_path / "of-one.npz")

    for result, left_out in [(too_few, 2), (nobody, 3), (nobody_of_the_kept, 1)]:
        assert result.exit_code == 1
        assert f"the scale was made from {left_out} people of {folder}" in result.stderr
        assert "then set FACEGATE_SCORING=OTHER" in result.stderr
    assert "nobody is left to test with" in nobody.stderr
    assert "nobody is left to test with" in nobody_of_the_kept.stderr


@pytest.fixture
def known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Return what writes files made from some people, and from half of them, for facegate's own."""

    def write(everybody: Iterable[str], half: Iterable[str]) -> None:
        for name, people, step in [("data", everybody, 1), ("half", half, 2)]:
            parameters = read_scoring_data(DATA).parameters
            made = parameters.model_copy(update={"people": frozenset(map(name_digest, people))})
            (tmp_path / name).mkdir()
            np.save(tmp_path / name / COHORT_FILE, np.load(DATA / COHORT_FILE)[::step])
            (tmp_path / name / PARAMETERS_FILE).write_text(made.model_dump_json(), encoding="utf-8")
        monkeypatch.setattr("scoring.scoring_data.DATA", tmp_path / "data")
        monkeypatch.setattr("facegate.evaluation.subjects.DATA", tmp_path / "data")
        monkeypatch.setattr("facegate.evaluation.subjects.HALF", tmp_path / "half")
        load_scoring_data.cache_clear()

    yield write
    load_scoring_data.cache_clear()


def evaluated(folder: Path, *arguments: str | Path) -> Report:
    result = run(folder, "--plot", folder / "curve.png", "--json", *arguments)
    assert result.exit_code == 0, result.stderr
    return Report.model_validate_json(result.stdout)


def test_whom_the_cohort_knows_are_tested_by_the_one_from_half_of_them(
    known: Callable[..., None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    photographs = people(60)
    photographs.save(tmp_path / "vectors.npz")
    known(everybody=photographs.people, half=photographs.people[::2])
    arguments = ("--vectors", tmp_path / "vectors.npz", "--draws", "2", "--seed", "7")

    report = evaluated(tmp_path, *arguments)

    assert (report.cohort_of_half, report.people, report.left_out) == (True, 30, 30)
    others = photographs.where(lambda name: name in photographs.people[1::2])
    half = ScoreScale.measured(read_scoring_data(tmp_path / "half"))
    assert report.rows == measure(others, half, EvaluationPlan(15, 2, 7), lambda done, total: None)
    assert "measured with the one from half of them, on the other half" in run(
        tmp_path, "--plot", tmp_path / "curve.png", *arguments
    ).stdout.replace("\n", " ")
    monkeypatch.setenv("FACEGATE_SCORING", str(tmp_path / "data"))
    load_scoring_data.cache_clear()
    assert "nobody is left to test with" in run(tmp_path, *arguments).stderr


def test_whom_the_cohort_does_not_know_are_tested_by_itself(
    known: Callable[..., None], tmp_path: Path
) -> None:
    photographs = people(60)
    photographs.save(tmp_path / "vectors.npz")
    known(everybody=photographs.people[4:], half=photographs.people[4::2])

    report = evaluated(tmp_path, "--vectors", tmp_path / "vectors.npz", "--draws", "2")

    assert (report.cohort_of_half, report.people, report.left_out) == (False, 4, 56)


@pytest.mark.processes
@needs_shared
def test_the_half_that_comes_with_facegate_tests_people_of_lfw(tmp_path: Path) -> None:
    several = [person for person in sorted((SHARED / "lfw").iterdir()) if _pictures(person)[1:]]
    for person in several[:24]:
        (tmp_path / "people" / person.name).mkdir(parents=True)
        for picture in _pictures(person):
            (tmp_path / "people" / person.name / picture.name).symlink_to(picture)

    report = evaluated(tmp_path / "people")

    half = read_scoring_data(HALF).parameters
    left_out = sum(half.made_from(person.name) for person in several[:24])
    assert (report.cohort_of_half, report.left_out) == (True, left_out)
    assert report.people == 24 - left_out
    assert report.model == half.model


@needs_shared
def test_the_shipped_files_know_everybody_of_lfw_also_whose_face_was_not_found() -> None:
    known = read_scoring_data(DATA).parameters.made_from

    assert [one.name for one in (SHARED / "lfw").iterdir() if not known(one.name)] == []


def _pictures(person: Path) -> list[Path]:
    return sorted(person.glob("*.jpg"))[:2]


def test_the_half_was_made_as_the_shipped_files_from_some_of_their_people() -> None:
    half, everybody = read_scoring_data(HALF), read_scoring_data(DATA)

    assert half.faces.shape == everybody.faces.shape
    assert half.parameters.best == everybody.parameters.best
    assert half.parameters.people < everybody.parameters.people


def test_a_file_of_something_else_is_one_line_and_1(tmp_path: Path) -> None:
    (tmp_path / "vectors.npz").write_text("no vectors")

    result = run(tmp_path, "--vectors", tmp_path / "vectors.npz")

    assert result.exit_code == 1
    assert "is not a file that --vectors of this release wrote" in result.stderr
