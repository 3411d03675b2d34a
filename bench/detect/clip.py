"""The clip of a film, watched as the agent watches a camera: which of its people are found."""

import math
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from PIL import Image

from contract.stores.detection import Detection, Detector
from encoder.duty_budget import DutyBudget
from encoder.found_face import FoundFace
from encoder.load.face_locator import load_face_locator
from encoder.picture.pixels import OpenPicture
from facegate.camera.counts import AgentCounts
from facegate.camera.outgoing.agent_clock import AgentClock
from facegate.camera.outgoing.spool import Spool
from facegate.camera.report import AgentReport
from facegate.camera.seeing.frame_search import Finder, FrameSearch
from facegate.camera.seeing.motion import Motion
from facegate.camera.seeing.track import FaceTrack
from facegate.camera.sources.source import FrameSource
from facegate.camera.sources.source_address import parse_source
from facegate.camera.sources.source_options import SourceOptions
from facegate.camera.watcher import CameraWatcher
from tests.pictures import SHARED

CLIP = SHARED / "photos" / "short_hamilton_clip.mp4"
_BEGAN = datetime(2026, 5, 4, 9, tzinfo=UTC)
_SPOOL_BYTES = 100_000_000


class Appearance(NamedTuple):
    """Where somebody's face is in the clip for a while: parts of the width and of the height."""

    person: str
    begins: float
    ends: float
    x: float
    y: float
    within: float


PEOPLE = (
    Appearance("the singer", 0.0, 0.7, 0.86, 0.2, 0.08),
    Appearance("a man in profile", 0.7, 2.7, 0.65, 0.42, 0.4),
    Appearance("the singer", 2.7, 7.1, 0.4, 0.28, 0.22),
    Appearance("a man who laughs", 7.1, 10.0, 0.11, 0.27, 0.08),
    Appearance("a man with glasses", 7.1, 10.0, 0.31, 0.34, 0.08),
    Appearance("a man with his chin up", 7.1, 10.0, 0.54, 0.28, 0.09),
    Appearance("a woman in profile", 7.1, 10.0, 0.65, 0.38, 0.07),
)
"""Whom one sees when one looks at it. Others are smaller or out of focus."""


@dataclass
class ClipRun:
    """What one run has found, and the seconds of CPU that it took."""

    detector: Detector
    people: set[str] = field(default_factory=set)
    faces: int = 0
    false: int = 0
    frames: int = 0
    tracks: int = 0
    looks: int = 0
    """How often the CNN was asked beside HOG."""
    cpu: float = 0.0
    by_hog: float = 0.0
    by_cnn: float = 0.0

    @property
    def others(self) -> float:
        """Seconds for all that is no detector's: decoding, motion, shots."""
        return self.cpu - self.by_hog - self.by_cnn

    def see(self, faces: Sequence[FoundFace], size: tuple[int, int], second: float) -> None:
        """Take note of the faces of a frame."""
        for face in faces:
            person = _person(face, size, second)
            self.faces += 1
            if person is None:
                self.false += 1
            else:
                self.people.add(person)


class _TimedFinder:
    """A finder that keeps its time."""

    def __init__(self, finder: Finder, run: ClipRun) -> None:
        self._finder = finder
        self._run = run

    def find(self, picture: OpenPicture, detection: Detection) -> list[FoundFace]:
        began = time.thread_time()
        faces = self._finder.find(picture, detection)
        spent = time.thread_time() - began
        if detection.detector == "cnn":
            self._run.by_cnn += spent
        else:
            self._run.by_hog += spent
        return faces


class _NotedSearch(FrameSearch):
    """The agent's search, whose faces are taken note of."""

    def __init__(
        self, finder: Finder, detection: Detection, budget: DutyBudget, run: ClipRun
    ) -> None:
        super().__init__(_TimedFinder(finder, run), detection, budget)
        self._run = run

    def find(
        self, picture: Image.Image, motion: Motion, tracks: Sequence[FaceTrack], at: datetime
    ) -> list[FoundFace]:
        faces = super().find(picture, motion, tracks, at)
        self._run.see(faces, picture.size, (at - _BEGAN).total_seconds())
        return faces


def watch(detector: Detector, budget: DutyBudget | None = None) -> ClipRun:
    """Watch the clip as `facegate camera STORE FILE --detector DETECTOR` does; nothing is sent.

    `budget` is the CNN's by `auto`, the usual one where none is given.
    """
    run = ClipRun(detector)
    detection = Detection(detector)
    counts = AgentCounts()
    report = AgentReport("store", "camera", lambda line: None)
    options = SourceOptions(started_at=_BEGAN)
    finder = load_face_locator()
    finder.load_cnn()
    with tempfile.TemporaryDirectory() as folder:
        spool = Spool(Path(folder), _SPOOL_BYTES)
        search = _NotedSearch(finder, detection, budget or DutyBudget(), run)
        watcher = CameraWatcher(search, detection, spool, counts, report, run="bench")
        source = FrameSource(
            parse_source(str(CLIP)), options, AgentClock(), counts, report, once=True
        )
        began, at = time.process_time(), _BEGAN
        for frame in source:
            if frame is not None:
                at = frame.at
                watcher.look(frame)
        watcher.end(at)
        run.cpu = time.process_time() - began
        spool.close()
    run.frames, run.tracks, run.looks = counts.frames, counts.tracks, counts.closer
    return run


def _person(face: FoundFace, size: tuple[int, int], second: float) -> str | None:
    """Return whose face it is: the nearest person's who is there then."""
    x = (face.box.left + face.box.right) / 2 / size[0]
    y = (face.box.top + face.box.bottom) / 2 / size[1]
    near = [
        (distance, one.person)
        for one in PEOPLE
        if one.begins <= second < one.ends
        and (distance := math.hypot(x - one.x, y - one.y)) <= one.within
    ]
    return min(near)[1] if near else None
