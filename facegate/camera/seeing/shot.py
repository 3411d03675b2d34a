"""One look at one person: where, when, how good, and the part of the picture that is sent."""

import io
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from PIL import Image

from encoder.face import FaceBox
from encoder.fitness import LARGEST_YAW, unfitness
from encoder.found_face import FoundFace
from encoder.picture.detection_scale import Method
from facegate.camera.sources.frame import SourceFrame

MARGIN = 0.8
"""Of a face's width on each side. The encoder aligns by three quarters of it."""
LARGEST_FACE = 256
"""Pixels of a face that is sent: the network sees 100 of them."""
JPEG_QUALITY = 90
"""Measured on 128 faces of LFW, 60 and 100 pixels wide, in larger pictures: the shard finds 127 of
them in such a shot, and the cosine of their vectors with those of the whole pictures is .999 at the
median, .996 at the fifth percentile; 8 and 15 kB each."""
_GREY = (127, 127, 127)
_WIDE, _SHARP = 100.0, 6.0
"""A face's pixels and sharpness beyond which it is recognized no better (docs/accuracy.md)."""


@dataclass(frozen=True, eq=False)
class Shot:
    """A face as one frame shows it, and everything that is needed to send it."""

    frame: int
    at: datetime
    box: FaceBox
    worth: float
    """How well the person would be known by it, 0 to 1."""
    fit: bool
    """Whether a stranger would be known again by it."""
    cut: Image.Image
    seen_by: Method = "hog"

    def jpeg(self) -> bytes:
        """Return the part of the picture as a JPEG file."""
        file = io.BytesIO()
        self.cut.save(file, "JPEG", quality=JPEG_QUALITY)
        return file.getvalue()


def shot_of(
    face: FoundFace,
    others: Iterable[FoundFace],
    frame: SourceFrame,
    picture: Image.Image,
    largest: int = LARGEST_FACE,
) -> Shot:
    """Return the shot of a face of a frame, at most `largest` pixels wide.

    The faces of `others` are made grey in it: they have tracks of their own, and in two pictures
    they would be two people.
    """
    return Shot(
        frame.number,
        frame.at,
        face.box,
        worth_of(face),
        unfitness(face) is None,
        _cut(face.box, [other.box for other in others], picture, largest),
        face.seen_by,
    )


def worth_of(face: FoundFace) -> float:
    """Return how well a face can be seen: large, sharp and frontal is 1."""
    quality = face.quality
    size = min(1.0, quality.width / _WIDE)
    sharp = min(1.0, quality.sharpness / _SHARP)
    frontal = max(0.0, 1.0 - abs(quality.yaw) / LARGEST_YAW)
    sure = min(1.0, face.confidence)
    return float((size * sharp * frontal * (0.5 + 0.5 * sure)) ** 0.5)


def _cut(
    box: FaceBox, others: Iterable[FaceBox], picture: Image.Image, largest: int
) -> Image.Image:
    """Return the face with its margin, no larger than is of use."""
    margin = round((box.right - box.left) * MARGIN)
    left, top = max(0, box.left - margin), max(0, box.top - margin)
    right = min(picture.width, box.right + margin)
    bottom = min(picture.height, box.bottom + margin)
    cut = picture.crop((left, top, right, bottom))
    face = picture.crop(_corners(box))
    for other in others:
        cut.paste(_GREY, _corners(other, left, top))
    cut.paste(face, _corners(box, left, top))
    scale = largest / max(1, box.right - box.left)
    if scale < 1:
        size = max(1, round(cut.width * scale)), max(1, round(cut.height * scale))
        cut = cut.resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0)
    return cut


def _corners(box: FaceBox, left: int = 0, top: int = 0) -> tuple[int, int, int, int]:
    """Return a box as Pillow has it, in a part of the picture that begins there."""
    return box.left - left, box.top - top, box.right - left, box.bottom - top
