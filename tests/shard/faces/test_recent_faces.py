"""Faces that were compared a moment ago are kept, not for long, and not too many."""

from contract.stores.detection import Detection
from encoder import Face, FaceBox
from shard.faces.recent_faces import RecentFaces
from tests.shard.fakes import CLEAR, vector_of

HOG = Detection()


def face() -> Face:
    return Face(FaceBox(0, 9, 9, 0), vector_of(1), 1.0, CLEAR)


def test_a_face_that_is_taken_is_kept_no_longer() -> None:
    recent = RecentFaces()
    recent.put("x", HOG, kept := face())

    assert recent.get("x", HOG) is kept
    assert recent.take("x", HOG) is kept
    assert recent.get("x", HOG) is None


def test_a_face_is_of_one_way_to_look_for_it() -> None:
    recent = RecentFaces()
    recent.put("x", HOG, face())

    assert recent.get("x", Detection("cnn")) is None


def test_a_face_is_forgotten_after_two_minutes() -> None:
    now = [1000.0]
    recent = RecentFaces(lambda: now[0])
    recent.put("x", HOG, face())

    now[0] += 119
    assert recent.get("x", HOG) is not None
    now[0] += 2
    assert recent.get("x", HOG) is None


def test_of_too_many_the_oldest_are_forgotten() -> None:
    recent = RecentFaces()
    for number in range(300):
        recent.put(str(number), HOG, face())

    kept = [number for number in range(300) if recent.get(str(number), HOG)]

    assert kept == list(range(45, 300))
