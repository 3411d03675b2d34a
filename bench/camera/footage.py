"""Video of people who walk through a door, made of photographs: who comes, and when, is known."""

import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from PIL import Image

from contract.stores.detection import Detection
from encoder.face_locator import FaceLocator
from encoder.picture.pixels import RgbPicture

RATE = 15
"""Frames a second."""
SIZE = (640, 480)
_PORTRAIT = 260
"""Pixels of a portrait, of which a face of 100 is the middle."""
_NOISE = 2.0
"""Standard deviation of what a sensor adds to each pixel of each frame."""


@dataclass(frozen=True)
class Walk:
    """A person who walks through the picture, from `begins` on; photographs are their poses."""

    person: str
    poses: tuple[Image.Image, ...]
    begins: float
    seconds: float = 2.4
    ways: tuple[tuple[int, int], tuple[int, int]] = ((10, 120), (360, 150))
    """Where the portrait's left upper corner is at first and at last."""
    sizes: tuple[float, float] = (0.75, 1.05)
    """How large the person is at first and at last; 1 is a face of about 100 pixels."""

    def draw(self, scene: Image.Image, at: float) -> None:
        """Draw the person into a frame, if they are there then."""
        part = (at - self.begins) / self.seconds
        if not 0 <= part < 1:
            return
        pose = self.poses[int(part * len(self.poses))]
        side = round(_PORTRAIT * _between(self.sizes, part))
        (left, top), (to_left, to_top) = self.ways
        corner = round(_between((left, to_left), part)), round(_between((top, to_top), part))
        scene.paste(pose.resize((side, side), Image.Resampling.BILINEAR), corner)


def walks_of(
    people: Sequence[tuple[str, tuple[Image.Image, ...]]], pause: float = 1.6
) -> list[Walk]:
    """Return people who come one after the other, from either side."""
    walks, at = [], 1.0
    for number, (person, poses) in enumerate(people):
        walk = Walk(person, poses, at)
        if number % 2:
            walk = Walk(person, poses, at, ways=((360, 100), (20, 160)))
        walks.append(walk)
        at += walk.seconds + pause
    return walks


def frames_of(walks: Sequence[Walk], size: tuple[int, int] = SIZE) -> Iterator[Image.Image]:
    """Yield the frames, until everybody has been gone for a second."""
    random = np.random.default_rng(7)
    rough = Image.fromarray(random.integers(60, 190, (9, 12, 3), np.uint8))
    empty = rough.resize(size, Image.Resampling.BICUBIC)
    end = max((walk.begins + walk.seconds for walk in walks), default=2.0) + 1.0
    for number in range(round(end * RATE)):
        scene = empty.copy()
        for walk in walks:
            walk.draw(scene, number / RATE)
        noise = random.normal(0, _NOISE, (size[1], size[0], 1))
        yield Image.fromarray(np.clip(np.asarray(scene) + noise, 0, 255).astype(np.uint8))


def write_video(
    path: Path,
    frames: Iterable[Image.Image],
    size: tuple[int, int] = SIZE,
    rate: int = RATE,
) -> None:
    """Write frames as H.264, in the container that the path's ending says."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=Fraction(rate), options={"crf": "20"})
        stream.pix_fmt = "yuv420p"
        stream.width, stream.height = size
        for frame in frames:
            picture = av.VideoFrame.from_ndarray(np.asarray(frame), format="rgb24")
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))


def portrait(picture: bytes, finder: FaceLocator) -> Image.Image | None:
    """Return the largest face of a photograph as a portrait; None where none is found."""
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    faces = finder.find(RgbPicture(image), Detection())
    if not faces:
        return None
    box = max(faces, key=lambda face: face.box.area).box
    half = (box.right - box.left) * _PORTRAIT / 100 / 2
    x, y = (box.left + box.right) / 2, (box.top + box.bottom) / 2
    around = round(x - half), round(y - half), round(x + half), round(y + half)
    return image.crop(around).resize((_PORTRAIT, _PORTRAIT), Image.Resampling.BICUBIC)


def _between(ends: tuple[float, float], part: float) -> float:
    return ends[0] + (ends[1] - ends[0]) * part
