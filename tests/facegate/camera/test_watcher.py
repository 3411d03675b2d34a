"""What a camera's frames lead to: who is followed, and what is put into the spool."""

import json
from collections.abc import Sequence

from PIL import Image

from contract.stores.detection import Detection
from encoder.duty_budget import DutyBudget
from encoder.found_face import FoundFace
from facegate.camera.counts import AgentCounts
from facegate.camera.report import AgentReport
from facegate.camera.seeing.frame_search import FrameSearch
from facegate.camera.watcher import CameraWatcher, Sent
from tests.facegate.camera.fakes import (
    FakeFinder,
    FakeOutbox,
    at,
    face_at,
    frame_of,
    noise,
    remembering_report,
)


class Watched:
    """A watcher whose finder sees `faces`, picture by picture."""

    def __init__(self, *faces: Sequence[FoundFace], sent: Sent = "faces") -> None:
        self.finder = FakeFinder(list(faces))
        self.outbox = FakeOutbox()
        self.counts = AgentCounts()
        report, self.lines = remembering_report()
        detection = Detection()
        search = FrameSearch(self.finder, detection, DutyBudget())
        self.watcher = CameraWatcher(
            search, detection, self.outbox, self.counts, report, run="r", sent=sent
        )

    def see(self, *pictures: Image.Image, from_second: float = 0) -> None:
        for number, picture in enumerate(pictures):
            self.watcher.look(frame_of(picture, number, from_second + number / 5))


def moving(steps: int) -> list[Image.Image]:
    """Return pictures of one scene, in which something is elsewhere in each."""
    pictures = []
    for step in range(steps):
        picture = noise(1)
        picture.paste((250, 20, 20), (40 * step, 200, 40 * step + 80, 300))
        pictures.append(picture)
    return pictures


def test_an_empty_shop_is_not_searched() -> None:
    watched = Watched([face_at(100)])

    watched.see(*[noise(1)] * 10)

    assert (watched.counts.frames, watched.counts.moved) == (10, 1)
    assert watched.finder.faces == []


def test_a_person_is_one_track_of_a_few_shots_with_their_moments() -> None:
    watched = Watched(*([face_at(50 + 30 * n)] for n in range(10)))

    watched.see(*moving(10))
    watched.watcher.end(at(2))

    postings = watched.outbox.postings
    assert {posting.track for posting in postings} == {"r.1"}
    assert 2 <= len(postings) <= 5
    assert postings[0].captured_at == at(0)
    assert [posting.frame for posting in postings] == sorted({p.frame for p in postings})
    assert watched.counts.tracks == 1


def test_two_people_are_two_tracks_and_each_is_alone_in_what_is_sent() -> None:
    watched = Watched([face_at(50), face_at(200)])

    watched.see(noise(1))

    assert [(p.frame, p.track) for p in watched.outbox.postings] == [
        ("r.0.1", "r.1"),
        ("r.0.2", "r.2"),
    ]


def test_who_stands_still_is_followed_and_sent_no_more() -> None:
    watched = Watched([face_at(100)], [face_at(100)])
    still = noise(1)
    changed = noise(1)
    changed.paste((250, 20, 20), (400, 200, 480, 300))

    watched.see(*[still] * 100)
    watched.see(changed, from_second=20)

    assert {posting.track for posting in watched.outbox.postings} == {"r.1"}


def test_somebody_who_comes_after_another_has_gone_is_another_track() -> None:
    watched = Watched([face_at(100)], [], [face_at(100)])

    watched.see(moving(3)[0])
    watched.see(moving(3)[1], from_second=1.5)
    watched.see(moving(3)[2], from_second=3)

    assert [posting.track for posting in watched.outbox.postings] == ["r.1", "r.2"]


def test_a_cut_to_another_scene_ends_all_tracks() -> None:
    watched = Watched([face_at(100)], [face_at(100)])

    watched.see(noise(1), noise(2))

    assert [posting.track for posting in watched.outbox.postings] == ["r.1", "r.2"]


def test_whole_frames_are_sent_where_that_is_asked_for() -> None:
    watched = Watched([face_at(50), face_at(200)], [], [face_at(60)], sent="frames")

    watched.see(*moving(3))

    assert [(p.frame, p.track) for p in watched.outbox.postings] == [("r.0", None), ("r.2", None)]


def test_who_was_seen_by_the_cnn_alone_is_sent_with_the_word_to_look_so() -> None:
    watched = Watched([face_at(50)._replace(seen_by="cnn"), face_at(200)])

    watched.see(noise(1))

    assert [posting.detector for posting in watched.outbox.postings] == ["cnn", None]


def test_a_whole_frame_with_somebody_whom_the_cnn_alone_sees_is_sent_with_that_word() -> None:
    watched = Watched([face_at(50)._replace(seen_by="cnn"), face_at(200)], sent="frames")

    watched.see(noise(1))

    assert [posting.detector for posting in watched.outbox.postings] == ["cnn"]


def test_whom_the_cnn_alone_sees_is_followed_for_longer() -> None:
    sight = [face_at(100)._replace(seen_by="cnn")]
    watched = Watched(sight, [], sight)

    watched.see(moving(3)[0])
    watched.see(moving(3)[1], from_second=1.5)
    watched.see(moving(3)[2], from_second=2.5)
    watched.watcher.end(at(3))

    assert {posting.track for posting in watched.outbox.postings} == {"r.1"}


def test_a_full_disk_is_said_and_ends_nothing() -> None:
    watched = Watched([face_at(50)], [face_at(90)], [face_at(130)], [face_at(170)])
    watched.outbox.is_full = True

    watched.see(moving(4)[0])
    watched.outbox.is_full = False
    watched.see(*moving(4)[1:], from_second=0.2)
    watched.watcher.end(at(1))

    assert watched.counts.unkept == 1
    assert "No space left" in watched.lines[0]
    assert len(watched.outbox.postings) == 1


def test_a_dark_lens_is_said_for_programs() -> None:
    lines: list[str] = []
    counts = AgentCounts()
    watcher = CameraWatcher(
        FrameSearch(FakeFinder([]), Detection(), DutyBudget()),
        Detection(),
        FakeOutbox(),
        counts,
        AgentReport("west", "door", lines.append, as_json=True),
        run="r",
    )

    for second in range(12):
        watcher.look(frame_of(Image.new("RGB", (640, 480), (second % 3,) * 3), second, second))

    [said] = map(json.loads, lines)
    assert (said["event"], said["camera"], said["begins"]) == ("dark", "door", True)
    assert counts.problems == {"dark"}
