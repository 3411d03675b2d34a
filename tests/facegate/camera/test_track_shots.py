"""Which shots of a person go out, and when."""

from PIL import Image

from encoder.face import FaceBox
from facegate.camera.seeing.shot import Shot
from facegate.camera.seeing.track_shots import GOOD, MOST, TrackShots
from tests.facegate.camera.fakes import at

_NOTHING = Image.new("RGB", (1, 1))


def shot(frame: int, seconds: float, worth: float, fit: bool = True) -> Shot:
    return Shot(frame, at(seconds), FaceBox(0, 1, 1, 0), worth, fit, _NOTHING)


def sent(*shots: Shot) -> list[tuple[int, float]]:
    """Return the frames that went out at once, each with the second at which it did."""
    track, out = TrackShots(), []
    for one in shots:
        track.add(one)
        out += [(due.frame, (one.at - at(0)).total_seconds()) for due in track.due(one.at)]
    return out


def test_a_good_shot_goes_at_once() -> None:
    assert sent(shot(0, 0, GOOD)) == [(0, 0.0)]


def test_a_better_one_than_a_poor_first_shot_is_waited_for() -> None:
    track = [shot(0, 0, 0.1), shot(1, 0.2, 0.3), shot(2, 0.4, 0.2), shot(3, 0.6, 0.2)]

    assert sent(*track) == [(1, 0.6)]


def test_the_best_of_each_span_follows_and_spans_grow() -> None:
    track = [shot(n, n / 5, 0.9 if n % 3 == 1 else 0.5) for n in range(60)]

    assert [second for _, second in sent(*track)] == [0.0, 0.6, 1.8, 4.2, 9.0]
    assert all(frame % 3 == 1 for frame, _ in sent(*track)[1:])


def test_no_more_than_five_go_however_long_somebody_stays() -> None:
    assert len(sent(*(shot(n, n / 5, 0.9) for n in range(1000)))) == MOST


def test_the_best_that_is_left_goes_when_the_person_has_gone() -> None:
    track = TrackShots()
    for one in (shot(0, 0, 0.9), shot(1, 0.2, 0.5), shot(2, 0.4, 0.7)):
        track.add(one)
        list(track.due(one.at))

    assert [one.frame for one in track.rest(at(1.5))] == [2]
    assert list(track.rest(at(1.5))) == []


def test_who_could_not_be_seen_well_came_all_the_same() -> None:
    track = TrackShots()
    for one in (shot(0, 0, 0.2, fit=False), shot(1, 3, 0.4, fit=False)):
        track.add(one)
        assert list(track.due(one.at)) == []

    assert [one.frame for one in track.rest(at(5))] == [1]


def test_an_unfit_shot_is_no_addition() -> None:
    track = TrackShots()
    track.add(shot(0, 0, 0.9))
    list(track.due(at(0)))
    track.add(shot(1, 0.2, 0.8, fit=False))

    assert list(track.rest(at(2))) == []


def test_a_fit_shot_is_better_than_any_unfit_one() -> None:
    assert sent(shot(0, 0, 0.9, fit=False), shot(1, 0.2, GOOD)) == [(1, 0.2)]
