"""Looks at a camera's frames, follows who is in them, and puts their best shots into the spool."""

import io
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Literal, Protocol

from PIL import Image

from contract.messages.cameras.agent_status import AgentProblem
from contract.stores.detection import Detection, Detector
from encoder.found_face import FoundFace
from encoder.picture.detection_scale import Method
from encoder.picture.orientation import turned, upright
from facegate.camera.counts import AgentCounts
from facegate.camera.outgoing.posting import Posting
from facegate.camera.report import AgentReport
from facegate.camera.seeing.frame_search import FrameSearch
from facegate.camera.seeing.motion import Motion, MotionGate
from facegate.camera.seeing.picture_watch import PictureWatch
from facegate.camera.seeing.shot import JPEG_QUALITY, LARGEST_FACE, Shot, shot_of
from facegate.camera.seeing.track import FaceTrack
from facegate.camera.seeing.tracker import FaceTracker
from facegate.camera.sources.frame import SourceFrame

Sent = Literal["faces", "frames"]
_TELLING: dict[AgentProblem, str] = {
    "frozen": "the picture has not changed for a minute: the camera may hang",
    "dark": "the picture is black",
    "covered": "the picture shows nothing: is something in front of the lens?",
}


class Outbox(Protocol):
    """What keeps postings until they are sent."""

    def put(self, posting: Posting) -> None:
        """Keep one. Raises OSError."""


class CameraWatcher:
    """Sees one camera's frames in the order of their moments; for one thread."""

    def __init__(
        self,
        search: FrameSearch,
        detection: Detection,
        outbox: Outbox,
        counts: AgentCounts,
        report: AgentReport,
        *,
        run: str,
        sent: Sent = "faces",
    ) -> None:
        """`run` names this run of the agent: frames and tracks are numbered in it."""
        self._search = search
        self._detection = detection
        self._outbox = outbox
        self._counts = counts
        self._report = report
        self._run = run
        self._sent = sent
        self._largest = max(LARGEST_FACE, detection.min_face_px or 0)  # or the shard finds none
        self._motion = MotionGate()
        self._watch = PictureWatch()
        self._tracker = FaceTracker()

    def look(self, frame: SourceFrame) -> None:
        """Take a frame."""
        self._counts.frames += 1
        for problem, begins in self._watch.look(frame.thumbnail, frame.at):
            self._tell(problem, begins)
        motion = self._motion.look(frame.thumbnail)
        if motion.is_another_scene:
            self._leave(self._tracker.end(), frame.at)
        if motion.is_somebody:
            self._counts.moved += 1
            self._find(frame, motion)
        else:
            self._tracker.rest(frame.at)
        self.tick(frame.at)

    def tick(self, at: datetime) -> None:
        """Do what is due at a moment, with a frame or without."""
        self._leave(self._tracker.gone(at), at)
        for track in self._tracker.tracks:
            self._post(track, track.shots.due(at))

    def end(self, at: datetime) -> None:
        """Send what is left: the source has ended."""
        self._leave(self._tracker.end(), at)

    def _find(self, frame: SourceFrame, motion: Motion) -> None:
        whole = frame.picture()
        picture = upright(whole, turned(1, self._detection.rotate))
        faces = self._search.find(picture, motion, self._tracker.tracks, frame.at)
        self._counts.faces += len(faces)
        self._counts.closer = self._search.looks
        tracks = self._tracker.follow(faces, frame.at)
        self._counts.tracks = self._tracker.count
        if self._sent == "frames":
            if faces:
                by_cnn = any(face.seen_by == "cnn" for face in faces)
                detector = _detector("cnn" if by_cnn else "hog")
                self._keep(frame.at, str(frame.number), None, _jpeg(whole), detector)
            return
        for face, track in zip(faces, tracks, strict=True):
            others = _others(face, faces)
            track.shots.add(shot_of(face, others, frame, picture, self._largest))

    def _leave(self, gone: Iterable[FaceTrack], at: datetime) -> None:
        for track in gone:
            self._post(track, track.shots.rest(at))

    def _post(self, track: FaceTrack, shots: Iterable[Shot]) -> None:
        for shot in shots:
            number = f"{shot.frame}.{track.number}"
            name = f"{self._run}.{track.number}"
            self._keep(shot.at, number, name, shot.jpeg(), _detector(shot.seen_by))

    def _keep(
        self,
        at: datetime,
        number: str,
        track: str | None,
        jpeg: bytes,
        detector: Detector | None,
    ) -> None:
        posting = Posting(f"{self._run}.{number}", at, jpeg, track, detector)
        try:
            self._outbox.put(posting)
        except OSError as error:
            self._counts.unkept += 1
            text = f"a picture cannot be kept on disk: {error.strerror or error}"
            self._report.say("disk", text, reason=str(error))

    def _tell(self, problem: AgentProblem, begins: bool) -> None:
        if begins:
            self._counts.problems.add(problem)
            self._report.say(problem, _TELLING[problem], begins=True)
        else:
            self._counts.problems.discard(problem)
            self._report.say(problem, f"no longer {problem}", begins=False)


def _detector(seen_by: Method) -> Detector | None:
    """Return what the gateway is told: a store's own detector sees what HOG does."""
    return "cnn" if seen_by == "cnn" else None


def _others(face: FoundFace, faces: Sequence[FoundFace]) -> list[FoundFace]:
    return [other for other in faces if other is not face]


def _jpeg(picture: Image.Image) -> bytes:
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=JPEG_QUALITY)
    return file.getvalue()
