"""The pictures of the comparison: real faces of known size on photographs turned upside down.

Faces come from ../shared/lfw where it is there, else from the sample photographs of the demo. An
upside-down photograph has the texture of the world and no face that a detector would see.
"""

import io
import random
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image

from encoder.dlib.hog import DlibHog
from tests.pictures import SHARED, sample

PORTRAIT = 250
"""Pixels of a side of a portrait as in LFW, the face in its middle."""
_USUAL_FACE = 104
_LOOKS = (1.6, 1.8, 2.0, 2.2)
"""Enlargements in which a face is measured: the detector's boxes come in steps of 1.2."""
_SAMPLES = ("obama.jpg", "obama2.jpg", "obama3.jpg", "biden.jpg", "astronaut.png")


@dataclass(frozen=True)
class SamplePicture:
    """A JPEG file with one face."""

    jpeg: bytes
    middle: tuple[int, int]
    """Of the face: x and y in pixels."""


def portraits(count: int) -> list[SamplePicture]:
    """Return portraits of 250 × 250 pixels as they are in LFW."""
    return [_frame(image, (PORTRAIT // 2, PORTRAIT // 2)) for image in _people(count)]


def scenes(size: tuple[int, int], count: int, smallest: int) -> list[SamplePicture]:
    """Return pictures of a size, each with a face between `smallest` pixels and twice as wide."""
    choose = random.Random(str(size))
    return [_scene(person, size, smallest, choose) for person in _people(count)]


def _scene(
    person: Image.Image, size: tuple[int, int], smallest: int, choose: random.Random
) -> SamplePicture:
    scene = _background(size, choose)
    face = choose.uniform(smallest, 2 * smallest)
    side = min(round(PORTRAIT * face / _width(person)), size[1])
    at = choose.randint(0, size[0] - side), choose.randint(0, size[1] - side)
    scene.paste(person.resize((side, side), Image.Resampling.BICUBIC), at)
    return _frame(scene, (at[0] + side // 2, at[1] + side // 2))


def _frame(image: Image.Image, middle: tuple[int, int]) -> SamplePicture:
    jpeg = io.BytesIO()
    image.save(jpeg, "JPEG", quality=90)
    return SamplePicture(jpeg.getvalue(), middle)


def _background(size: tuple[int, int], choose: random.Random) -> Image.Image:
    photograph = choose.choice(_photographs()).transpose(Image.Transpose.ROTATE_180)
    scale = max(size[0] / photograph.width, size[1] / photograph.height)
    whole = photograph.resize(
        (
            max(size[0], round(photograph.width * scale)),
            max(size[1], round(photograph.height * scale)),
        )
    )
    return whole.crop((0, 0, *size))


@cache
def _detector() -> DlibHog:
    return DlibHog()


def _width(person: Image.Image) -> float:
    """Return how wide the face in the middle of a portrait is, 0 when none is seen."""
    widths = []
    for factor in _LOOKS:
        side = round(PORTRAIT * factor)
        for box in _detector().detect(np.array(person.convert("L").resize((side, side)))):
            if box.left < side / 2 < box.right and box.top < side / 2 < box.bottom:
                widths.append((box.right - box.left + 1) / factor)
                break
    return statistics.mean(widths) if len(widths) == len(_LOOKS) else 0


@cache
def _photographs() -> Sequence[Image.Image]:
    return [_opened(sample(name)) for name in _SAMPLES]


@cache
def _people(count: int) -> Sequence[Image.Image]:
    paths = sorted(Path(SHARED).glob("lfw/*/*_0001.jpg"))
    if paths:
        step = max(1, len(paths) // (count + count // 4))
        some = [_opened(path.read_bytes()) for path in paths[::step]]
    else:
        some = [_portrait(photograph) for photograph in _photographs()]
    measured = [person for person in some if _width(person)]
    return [measured[i % len(measured)] for i in range(count)]


def _portrait(photograph: Image.Image) -> Image.Image:
    """Cut the face out of a sample photograph as LFW has its faces."""
    face = _detector().detect(np.array(photograph.convert("L")))[0]
    half = (face.right - face.left) * PORTRAIT / _USUAL_FACE / 2
    x, y = (face.left + face.right) / 2, (face.top + face.bottom) / 2
    box = round(x - half), round(y - half), round(x + half), round(y + half)
    return photograph.crop(box).resize((PORTRAIT, PORTRAIT), Image.Resampling.BICUBIC)


def _opened(file: bytes) -> Image.Image:
    with Image.open(io.BytesIO(file)) as image:
        return image.convert("RGB")
