"""Footage of the people on the sample photographs."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageEnhance

from bench.camera.footage import RATE, frames_of, portrait, walks_of, write_video
from encoder.load.face_locator import load_face_locator
from tests.pictures import sample

_PEOPLE = {
    "obama": ("obama.jpg", "obama3.jpg"),
    "collins": ("astronaut.png",),
    "biden": ("biden.jpg",),
}


@dataclass(frozen=True)
class Footage:
    """A video in which Obama, Collins and Biden walk through, one after the other."""

    video: Path
    jpegs: Sequence[bytes]
    """Its frames."""
    seconds: float
    people: int = len(_PEOPLE)


def poses_of(person: str) -> tuple[Image.Image, ...]:
    """Return portraits of a person, in which they look about and pass through the light."""
    finder = load_face_locator()
    poses = [portrait(sample(name), finder) for name in _PEOPLE[person]]
    return tuple(
        ImageEnhance.Brightness(pose.rotate(turn)).enhance(light)
        for turn, light in ((0, 1.0), (3, 0.9), (-3, 1.1))
        for pose in poses
        if pose is not None
    )


def jpeg_of(picture: Image.Image) -> bytes:
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=90)
    return file.getvalue()


def make_footage(folder: Path) -> Footage:
    """Write the video into a folder."""
    frames = list(frames_of(walks_of([(person, poses_of(person)) for person in _PEOPLE])))
    video = folder / "door.mp4"
    write_video(video, frames)
    return Footage(video, [jpeg_of(frame) for frame in frames], len(frames) / RATE)
