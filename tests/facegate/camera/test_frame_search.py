"""When the CNN is asked beside HOG, and about which part of the picture."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pytest

from contract.stores.detection import Detection
from contract.stores.region import Region
from encoder.duty_budget import DutyBudget
from encoder.found_face import FoundFace
from encoder.picture.pixels import OpenPicture
from facegate.camera.seeing.frame_search import FrameSearch
from facegate.camera.seeing.look import look_of
from facegate.camera.seeing.motion import Motion
from facegate.camera.seeing.shot import shot_of
from facegate.camera.seeing.track import FaceTrack
from tests.facegate.camera.fakes import at, face_at, frame_of, noise

PICTURE = noise(1, (640, 360))
"""A pixel of the thumbnail is 4 × 4 of its own."""
FREE = DutyBudget(1.0, cpu=lambda: 0.0)


def seen_by_cnn(left: int, top: int, width: int = 80) -> FoundFace:
    return face_at(left, top, width)._replace(seen_by="cnn")


@dataclass
class TwoDetectors:
    """HOG and the CNN see what the test says; what the CNN is asked is remembered."""

    by_hog: Sequence[FoundFace] = ()
    by_cnn: Sequence[FoundFace] = ()
    asked: list[tuple[tuple[int, int], Detection]] = field(default_factory=list)

    def find(self, picture: OpenPicture, detection: Detection) -> list[FoundFace]:
        if detection.detector == "hog":
            return list(self.by_hog)
        self.asked.append((picture.size, detection))
        return list(self.by_cnn)


def moving(*boxes: tuple[int, int, int, int]) -> Motion:
    """Return motion in boxes: left, top, right, bottom in the picture's pixels."""
    pixels = np.zeros((90, 160), bool)
    for left, top, right, bottom in boxes:
        pixels[top // 4 : bottom // 4, left // 4 : right // 4] = True
    return Motion(pixels)


def look(
    detectors: TwoDetectors,
    motion: Motion,
    *tracks: FaceTrack,
    detection: Detection = Detection("auto"),
    budget: DutyBudget = FREE,
    seconds: float = 10.0,
) -> list[FoundFace]:
    search = FrameSearch(detectors, detection, budget)
    return search.find(PICTURE, motion, tracks, at(seconds))


def track(face: FoundFace, seconds: float, *, fit: bool) -> FaceTrack:
    """Return a track that was seen last at that second, well or not."""
    followed = FaceTrack(1, face.box, look_of(face.aligned.chip), at(seconds))
    if not fit:
        face = face._replace(quality=face.quality._replace(sharpness=0.1))
    followed.shots.add(shot_of(face, [], frame_of(PICTURE, 1, seconds), PICTURE))
    return followed


@pytest.mark.parametrize("detector", ["hog", "cnn"])
def test_one_detector_alone_looks_at_the_whole_picture(detector: Literal["hog", "cnn"]) -> None:
    detectors = TwoDetectors([face_at(100)], [seen_by_cnn(300, 100)])

    look(detectors, moving((400, 100, 480, 360)), detection=Detection(detector, 40))

    assert detectors.asked == ([((640, 360), Detection("cnn", 40))] if detector == "cnn" else [])


def test_the_cnn_is_asked_about_what_moves_where_hog_sees_nobody() -> None:
    detectors = TwoDetectors(by_cnn=[seen_by_cnn(60, 50)])

    [face] = look(detectors, moving((400, 80, 480, 360)))

    [((width, height), detection)] = detectors.asked
    assert (width, height) == (160, 320)  # the part, and a cell on each side that has one
    assert detection == Detection("cnn", 80)
    assert face.seen_by == "cnn"
    assert face.box == seen_by_cnn(360 + 60, 40 + 50).box  # in pixels of the whole picture


def test_whoever_hog_sees_is_left_alone() -> None:
    face = face_at(400, 100, 80)
    detectors = TwoDetectors([face])

    assert look(detectors, moving((360, 60, 500, 360))) == [face]
    assert detectors.asked == []


def test_somebody_else_who_moves_is_looked_at() -> None:
    known = face_at(400, 100, 80)
    detectors = TwoDetectors([known], [seen_by_cnn(60, 50)])

    faces = look(detectors, moving((360, 60, 500, 360), (40, 60, 100, 200)))

    assert [face.seen_by for face in faces] == ["hog", "cnn"]


def test_a_face_that_both_see_is_one() -> None:
    known = face_at(400, 100, 80)
    detectors = TwoDetectors([known], [seen_by_cnn(385, 110)])

    assert look(detectors, moving((0, 0, 640, 360))) == [known]


def test_where_nothing_moves_nobody_is_looked_for() -> None:
    detectors = TwoDetectors()

    assert look(detectors, moving()) == []
    assert detectors.asked == []


def test_who_vanishes_before_being_seen_well_is_looked_for_though_nothing_moves() -> None:
    detectors = TwoDetectors()

    look(detectors, moving(), track(face_at(200, 100, 100), 9.8, fit=False))

    [(size, _)] = detectors.asked
    assert size == (300, 300)


def test_who_was_seen_well_a_moment_ago_is_not_looked_for() -> None:
    detectors = TwoDetectors()

    look(detectors, moving((180, 60, 320, 360)), track(face_at(200, 100, 100), 9.8, fit=True))

    assert detectors.asked == []


def test_who_was_seen_well_is_looked_for_again_after_a_second() -> None:
    detectors = TwoDetectors()

    look(detectors, moving((180, 60, 320, 360)), track(face_at(200, 100, 100), 8.9, fit=True))

    assert len(detectors.asked) == 1


def test_beyond_its_budget_the_cnn_is_not_asked() -> None:
    detectors = TwoDetectors()

    look(detectors, moving((400, 80, 480, 360)), budget=DutyBudget(0.0))

    assert detectors.asked == []


@pytest.mark.parametrize(("frontal", "looks"), [(True, 4), (False, 2)])
def test_who_is_seen_in_profile_is_followed_by_a_look_a_second(frontal: bool, looks: int) -> None:
    seen = seen_by_cnn(60, 50)
    seen = seen._replace(quality=seen.quality._replace(frontal=frontal))
    detectors = TwoDetectors([], [seen])
    search = FrameSearch(detectors, Detection("auto"), FREE)

    for second in (0.0, 0.3, 0.6, 1.0):
        search.find(PICTURE, moving((40, 60, 100, 200)), [], at(second))

    assert len(detectors.asked) == looks


def test_where_the_cnn_saw_nobody_it_is_not_asked_again_for_a_second() -> None:
    detectors = TwoDetectors()
    search = FrameSearch(detectors, Detection("auto"), FREE)

    for tenth in range(20):
        search.find(PICTURE, moving((400, 80, 480, 360)), [], at(tenth / 10))

    assert len(detectors.asked) == search.looks == 2


def test_another_view_is_looked_at_at_once() -> None:
    detectors = TwoDetectors()
    search = FrameSearch(detectors, Detection("auto"), FREE)

    for tenth in range(4):
        search.find(PICTURE, moving((0, 0, 640, 360)), [], at(tenth / 10))

    assert len(detectors.asked) == 4


def test_a_smaller_face_is_looked_for_at_its_scale() -> None:
    detectors = TwoDetectors()

    look(detectors, moving((400, 80, 480, 360)), detection=Detection("auto", 40))

    assert detectors.asked[0][1] == Detection("cnn", 40)


def test_a_picture_that_is_turned_is_looked_at_where_it_moves_when_it_is_upright() -> None:
    detectors = TwoDetectors(by_cnn=[seen_by_cnn(0, 0)])
    hanging = np.zeros((160, 90), bool)  # turned clockwise by 90 degrees it is 160 wide
    hanging[100:120, 60:80] = True  # columns 40 to 60 and rows 60 to 80 then
    search = FrameSearch(detectors, Detection("auto", rotate=90), FREE)

    [face] = search.find(PICTURE, Motion(hanging), [], at(0))

    assert detectors.asked[0][0] == (160, 160)
    assert (face.box.left, face.box.top) == (120, 200)


def test_what_moves_outside_the_region_is_not_looked_at() -> None:
    detectors = TwoDetectors(by_cnn=[seen_by_cnn(60, 50)])
    door = Detection("auto", region=Region.parse([0, 0, 0.5, 1]))

    assert look(detectors, moving((400, 80, 480, 360)), detection=door) == []
    assert detectors.asked == []


def test_a_face_outside_the_region_does_not_count() -> None:
    detectors = TwoDetectors(by_cnn=[seen_by_cnn(60, 50)])
    door = Detection("auto", region=Region.parse([0, 0, 0.65, 1]))

    assert look(detectors, moving((380, 80, 480, 360)), detection=door) == []
    assert len(detectors.asked) == 1
