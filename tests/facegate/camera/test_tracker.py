"""Who is followed from frame to frame."""

from facegate.camera.seeing.tracker import FaceTracker
from tests.facegate.camera.fakes import at, face_at


def numbers(
    tracker: FaceTracker, seconds: float, *lefts: int, width: int = 100, first: int = 0
) -> list[int]:
    """Return the tracks of faces of different people, the first of whom is `first`."""
    faces = [face_at(left, width=width, person=first + n) for n, left in enumerate(lefts)]
    return [track.number for track in tracker.follow(faces, at(seconds))]


def test_a_face_that_walks_is_one_person() -> None:
    tracker = FaceTracker()

    assert [numbers(tracker, n / 5, 50 + 40 * n) for n in range(8)] == [[1]] * 8


def test_a_face_is_expected_where_its_way_leads() -> None:
    """At 90 pixels a step, boxes of 100 hardly overlap, but for the motion so far."""
    tracker = FaceTracker()

    steps = [0, 60, 130, 210, 300, 390]

    assert [numbers(tracker, n / 5, left) for n, left in enumerate(steps)] == [[1]] * 6


def test_two_people_side_by_side_are_two() -> None:
    tracker = FaceTracker()

    assert numbers(tracker, 0, 50, 300) == [1, 2]
    assert numbers(tracker, 0.2, 70, 330) == [1, 2]


def test_two_people_who_pass_each_other_are_not_taken_for_one_another() -> None:
    tracker = FaceTracker()
    ways = [(50 + 45 * n, 500 - 45 * n) for n in range(10)]

    seen = [numbers(tracker, n / 5, *way) for n, way in enumerate(ways) if n != 5]

    assert seen == [[1, 2]] * 9  # where one hides the other, neither is found


def test_whoever_was_away_for_a_second_is_somebody_else() -> None:
    tracker = FaceTracker()
    numbers(tracker, 0, 100)

    assert tracker.gone(at(1)) == []
    assert [track.number for track in tracker.gone(at(1.1))] == [1]
    assert numbers(tracker, 1.2, 100) == [2]


def test_a_face_of_another_size_is_somebody_else() -> None:
    tracker = FaceTracker()
    numbers(tracker, 0, 100)

    assert numbers(tracker, 0.2, 100, width=200) == [2]


def test_whoever_stands_still_stays() -> None:
    tracker = FaceTracker()
    numbers(tracker, 0, 100)
    for second in range(1, 60):
        tracker.rest(at(second))

    assert tracker.gone(at(59.5)) == []
    assert numbers(tracker, 60, 110) == [1]


def test_another_scene_is_left_by_all() -> None:
    tracker = FaceTracker()
    numbers(tracker, 0, 50, 300)

    assert [track.number for track in tracker.end()] == [1, 2]
    assert numbers(tracker, 0.2, 50, 300) == [3, 4]
    assert tracker.count == 4


def test_who_walks_past_faster_than_their_box_is_known_by_their_look() -> None:
    tracker = FaceTracker()

    assert [numbers(tracker, n / 5, 20 + 190 * n) for n in range(4)] == [[1]] * 4


def test_a_stranger_at_a_distance_is_somebody_else() -> None:
    tracker = FaceTracker()
    numbers(tracker, 0, 20)

    assert numbers(tracker, 0.2, 210, first=5) == [2]
    assert numbers(tracker, 0.4, 900) == [3]  # further than anybody walks


def test_who_steps_to_where_another_was_is_somebody_else() -> None:
    tracker = FaceTracker()
    numbers(tracker, 0, 100)

    assert numbers(tracker, 0.8, 100, first=5) == [2]


def test_who_comes_back_to_where_they_were_is_themselves() -> None:
    tracker = FaceTracker()
    numbers(tracker, 0, 100)

    assert numbers(tracker, 0.8, 110) == [1]
