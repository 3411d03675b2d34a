"""What the agent meets, made by hand: faces, frames, an outbox and a report that remember."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from PIL import Image

from contract.stores.detection import Detection
from encoder.alignment import AlignedFace
from encoder.detector import DetectedFace
from encoder.face import FaceBox, FaceQuality
from encoder.found_face import FoundFace
from encoder.picture.pixels import OpenPicture
from encoder.recognizer import FaceCut
from facegate.camera.outgoing.posting import Posting
from facegate.camera.report import AgentReport
from facegate.camera.sources.frame import SourceFrame, thumbnail_of

START = datetime(2026, 5, 4, 9, tzinfo=UTC)
CLEAR = FaceQuality(width=120, sharpness=20.0, light=120.0, yaw=0.0, pitch=0.78, roll=0.0)
_LANDMARKS = np.zeros((5, 2), np.float32)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def face_at(left: int, top: int = 100, width: int = 100, person: int = 0, **look: Any) -> FoundFace:
    """Return a face of a person; `look` says what of its quality is not clear."""
    box = FaceBox(top, left + width, top + width, left)
    quality = CLEAR._replace(**{"width": width, **look})
    seen = DetectedFace(0, 0, width - 1, width - 1, 1.5)
    cut = FaceCut(np.zeros((width, width, 3), np.uint8), seen)
    chip = np.asarray(noise(person, (150, 150)))
    return FoundFace(box, 1.5, quality, cut, AlignedFace(chip, _LANDMARKS))


def frame_of(picture: Image.Image, number: int, seconds: float) -> SourceFrame:
    return SourceFrame(number, at(seconds), thumbnail_of(picture), lambda: picture)


def noise(seed: int, size: tuple[int, int] = (640, 480)) -> Image.Image:
    """Return a picture that has nothing in common with that of another seed."""
    random = np.random.default_rng(seed)
    rough = Image.fromarray(random.integers(0, 255, (12, 16, 3), np.uint8))
    return rough.resize(size, Image.Resampling.BILINEAR)


@dataclass
class FakeFinder:
    """Finds what it is told, picture by picture; nobody afterwards."""

    faces: list[Sequence[FoundFace]]

    def find(self, picture: OpenPicture, detection: Detection) -> list[FoundFace]:
        return list(self.faces.pop(0)) if self.faces else []


@dataclass
class FakeOutbox:
    """Keeps what is put into it."""

    postings: list[Posting] = field(default_factory=list)
    is_full: bool = False

    def put(self, posting: Posting) -> None:
        if self.is_full:
            raise OSError(28, "No space left on device")
        self.postings.append(posting)


def remembering_report() -> tuple[AgentReport, list[str]]:
    """Return a report, and the lines that it will have said."""
    lines: list[str] = []
    return AgentReport("west", "door", lines.append), lines


def posting(number: int, picture: bytes = b"picture") -> Posting:
    return Posting(f"run.{number}", at(number), picture, "run.1")
