"""Frames of one person: what they give together, for how long, and that repeats change nothing."""

import itertools

import numpy as np
import pytest

from contract.vectors import Vector
from encoder import Face, FaceBox
from scoring.cohort import unit
from scoring.score_scale import ScoreScale
from shard.faces.tracks import TrackId, Tracks
from tests.shard.fakes import CLEAR, MODEL, vector_of

NOBODY = ScoreScale.of_model(MODEL)
DOOR = TrackId("door", "7")


class Clock:
    """A time that passes when it is told to."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


def face(vector: Vector) -> Face:
    return Face(FaceBox(0, 20, 20, 0), vector, confidence=1.5, quality=CLEAR)


def person(number: int, shift: float = 0.0) -> Face:
    return face(vector_of(number, shift))


def frames(tracks: Tracks, *faces: Face, key: TrackId | None = DOOR) -> int:
    """Show the track a picture; return how many it has fused by now."""
    first = tracks.probes(key, [list(faces)], NOBODY)[0]
    assert first.track
    return first.track.frames


def test_a_picture_alone_is_what_it_shows() -> None:
    faces = [person(1), person(2)]

    probes = Tracks().probes(None, [faces], NOBODY)

    assert [probe.face for probe in probes] == faces
    assert [(probe.vector.tobytes(), probe.track) for probe in probes] == [
        (face.vector.tobytes(), None) for face in faces
    ]


def test_a_track_is_the_mean_direction_of_its_frames() -> None:
    tracks, shown = Tracks(), [person(1, shift) for shift in (0.0, 0.1, 0.2)]

    for number, frame in enumerate(shown, start=1):
        [sighting] = tracks.probes(DOOR, [[frame]], NOBODY)
        mean = unit(np.sum([face.vector for face in shown[:number]], axis=0))
        assert sighting.vector == pytest.approx(mean, abs=1e-6)
        assert sighting.track is not None
        assert (sighting.track.id, sighting.track.frames) == ("7", number)
        assert sighting.frames == number


def test_pictures_in_one_request_are_a_track_that_is_not_kept() -> None:
    tracks = Tracks()

    [sighting] = tracks.probes(None, [[person(1)], [], [person(1, 0.1)]], NOBODY)

    assert sighting.track is not None
    assert (sighting.track.id, sighting.track.frames) == (None, 2)
    assert len(tracks) == 0


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_the_order_of_frames_does_not_matter(order: tuple[int, ...]) -> None:
    shown = [person(1, shift) for shift in (0.0, 0.1, 0.2)]
    tracks = Tracks()

    for number in order:
        [sighting] = tracks.probes(DOOR, [[shown[number]]], NOBODY)

    assert sighting.vector == pytest.approx(
        unit(np.sum([face.vector for face in shown], axis=0)), abs=1e-6
    )


def test_a_frame_that_comes_twice_counts_once() -> None:
    tracks = Tracks()

    assert [
        frames(tracks, person(1)),
        frames(tracks, person(1)),
        frames(tracks, person(1, 0.1)),
    ] == [
        1,
        1,
        2,
    ]


def test_the_face_most_like_the_track_is_its_person_and_comes_first() -> None:
    tracks, bystander, again = Tracks(), person(2), person(1, 0.1)
    tracks.probes(DOOR, [[person(1)]], NOBODY)

    first, second = tracks.probes(DOOR, [[bystander, again]], NOBODY)

    assert (first.face, first.frames) == (again, 2)
    assert (second.face, second.track, second.vector.tobytes()) == (
        bystander,
        None,
        bystander.vector.tobytes(),
    )


def test_where_no_face_is_like_the_track_the_largest_is_its_person() -> None:
    tracks = Tracks()
    tracks.probes(DOOR, [[person(1)]], NOBODY)

    first, _ = tracks.probes(DOOR, [[person(2), person(3)]], NOBODY)

    assert first.face.vector.tobytes() == vector_of(2).tobytes()


def test_a_picture_without_a_face_shows_nobody_and_changes_nothing() -> None:
    tracks = Tracks()
    frames(tracks, person(1))

    assert tracks.probes(DOOR, [[]], NOBODY) == []
    assert frames(tracks, person(1, 0.1)) == 2


def test_cameras_number_their_tracks_independently() -> None:
    tracks = Tracks()

    assert frames(tracks, person(1)) == 1
    assert frames(tracks, person(2), key=TrackId("back", "7")) == 1
    assert frames(tracks, person(3), key=TrackId(None, "7")) == 1


def test_a_track_is_forgotten_when_it_was_idle() -> None:
    clock = Clock()
    tracks = Tracks(seconds=60, clock=clock)
    frames(tracks, person(1))

    clock.now += 59
    assert frames(tracks, person(1, 0.1)) == 2
    clock.now += 59
    assert frames(tracks, person(1, 0.2)) == 3
    clock.now += 61
    assert len(tracks) == 0
    assert frames(tracks, person(1, 0.3)) == 1


def test_the_track_that_was_idle_longest_makes_room() -> None:
    tracks = Tracks(most=2)
    keys = [TrackId("door", name) for name in "abc"]

    for key in keys[:2]:
        frames(tracks, person(1), key=key)
    frames(tracks, person(1, 0.1), key=keys[0])
    frames(tracks, person(1), key=keys[2])

    assert len(tracks) == 2
    assert frames(tracks, person(1, 0.2), key=keys[0]) == 3
    assert frames(tracks, person(1), key=keys[1]) == 1
