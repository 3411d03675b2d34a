"""The videos of the benchmark: people of LFW who walk through, and the clip."""

from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from bench.camera.footage import frames_of, portrait, walks_of, write_video
from bench.detect.clip import CLIP, PEOPLE
from encoder.load.face_locator import load_face_locator
from tests.pictures import SHARED

_POSES = 3


@dataclass(frozen=True)
class BenchVideo:
    """A video, and how many people come in it."""

    name: str
    path: Path
    people: int


def walkers(folder: Path, count: int) -> BenchVideo:
    """Write a video of people of LFW, each of whom three photographs show one after the other."""
    people = _people(count)
    path = folder / "walkers.mp4"
    write_video(path, frames_of(walks_of(people)))
    return BenchVideo(f"{len(people)} people who walk through", path, len(people))


def clip() -> BenchVideo | None:
    """Return the clip of a film, if it is there."""
    people = len({one.person for one in PEOPLE})
    return BenchVideo("the clip", CLIP, people) if CLIP.is_file() else None


def _people(count: int) -> list[tuple[str, tuple[Image.Image, ...]]]:
    finder = load_face_locator()
    people: list[tuple[str, tuple[Image.Image, ...]]] = []
    for folder in sorted((SHARED / "lfw").iterdir()):
        files = sorted(folder.glob("*.jpg"))[:_POSES]
        found = (portrait(file.read_bytes(), finder) for file in files)
        poses = tuple(pose for pose in found if pose is not None)
        if len(poses) == _POSES:
            people.append((folder.name, poses))
        if len(people) == count:
            break
    return people
