"""Frames made of photographs of people: as they are, turned, dimmed, small, and partly hidden."""

import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageEnhance

from bench.camera.footage import SIZE, portrait
from contract.stores.detection import Detection, Detector
from encoder.duty_budget import DutyBudget
from encoder.face_locator import FaceLocator
from encoder.load.face_locator import load_face_locator
from encoder.picture.pixels import RgbPicture
from tests.pictures import SHARED

_FACE = 100 / 260
"""Of a portrait's width: the face in its middle."""
_SMALLEST = 40
"""Pixels: `min_face_px` of a store whose faces are small."""
_NOISE = 2.0
_GREY = (110, 110, 110)


@dataclass(frozen=True)
class FrameKind:
    """One way in which people are hard to see."""

    name: str
    change: Callable[[Image.Image], Image.Image]
    face: int = 100
    """Pixels of its width."""
    smallest: int | None = None


@dataclass
class FrameRow:
    """What a detector has found in frames of one kind, each of which shows one person."""

    kind: str
    detector: Detector
    frames: int = 0
    found: int = 0
    false: int = 0
    """Outside the photograph."""
    cpu: float = 0.0


def _turned(degrees: float) -> Callable[[Image.Image], Image.Image]:
    def turn(face: Image.Image) -> Image.Image:
        return face.rotate(degrees, Image.Resampling.BICUBIC, fillcolor=_GREY)

    return turn


def _dimmed(part: float) -> Callable[[Image.Image], Image.Image]:
    return lambda face: ImageEnhance.Brightness(face).enhance(part)


def _hidden(top: float, bottom: float) -> Callable[[Image.Image], Image.Image]:
    """Return what hides a part of the face: from 0, its upper edge, to 1."""

    def hide(face: Image.Image) -> Image.Image:
        hidden = face.copy()
        upper = round(face.height * (0.5 + (top - 0.5) * _FACE))
        lower = round(face.height * (0.5 + (bottom - 0.5) * _FACE))
        hidden.paste(_GREY, (face.width // 4, upper, face.width * 3 // 4, lower))
        return hidden

    return hide


def _as_it_is(face: Image.Image) -> Image.Image:
    return face


KINDS = (
    FrameKind("as they are", _as_it_is),
    FrameKind("turned by 25 degrees", _turned(25)),
    FrameKind("turned by 40 degrees", _turned(40)),
    FrameKind("a seventh of the light", _dimmed(1 / 7)),
    FrameKind("60 pixels wide", _as_it_is, face=60),
    FrameKind("45 pixels wide, min_face_px 40", _as_it_is, face=45, smallest=_SMALLEST),
    FrameKind("mouth and chin hidden", _hidden(0.65, 1.3)),
    FrameKind("eyes hidden", _hidden(0.2, 0.5)),
)


def portraits(count: int) -> list[Image.Image]:
    """Return one portrait each of people whom HOG sees as they are."""
    finder = load_face_locator()
    found: list[Image.Image] = []
    for folder in sorted((SHARED / "lfw").iterdir()):
        face = portrait(min(folder.glob("*.jpg")).read_bytes(), finder)
        if face is not None:
            found.append(face)
        if len(found) == count:
            break
    return found


def look(people: Sequence[Image.Image], detector: Detector) -> Iterator[FrameRow]:
    """Yield a row for each kind of frames, and one for frames that show nobody.

    `auto` may ask the CNN whenever HOG sees nobody.
    """
    finder = load_face_locator(DutyBudget(1.0, cpu=lambda: 0.0))
    finder.load_cnn()
    for kind in KINDS:
        yield _row(finder, kind, people, detector)
    empty = FrameRow("nobody", detector)
    for number in range(len(people)):
        found, spent = _found(finder, _scene(number), Detection(detector))
        empty.frames += 1
        empty.false += len(found)
        empty.cpu += spent
    yield empty


def _row(
    finder: FaceLocator, kind: FrameKind, people: Sequence[Image.Image], detector: Detector
) -> FrameRow:
    row = FrameRow(kind.name, detector)
    for number, person in enumerate(people):
        side = round(kind.face / _FACE)
        face = kind.change(person).resize((side, side), Image.Resampling.BICUBIC)
        corner = 40 + number * 37 % (SIZE[0] - side - 80), 20 + number * 23 % (SIZE[1] - side - 40)
        scene = _scene(number)
        scene.paste(face, corner)
        centres, spent = _found(finder, scene, Detection(detector, kind.smallest))
        middle = corner[0] + side / 2, corner[1] + side / 2
        row.frames += 1
        row.found += any(math.dist(centre, middle) < kind.face / 2 for centre in centres)
        row.false += sum(not _within(centre, corner, side) for centre in centres)
        row.cpu += spent
    return row


def _within(centre: tuple[float, float], corner: tuple[int, int], side: int) -> bool:
    """Say whether a face is in the photograph, where it may be somebody in the background."""
    return all(0 <= at - begins < side for at, begins in zip(centre, corner, strict=True))


def _found(
    finder: FaceLocator, scene: Image.Image, detection: Detection
) -> tuple[list[tuple[float, float]], float]:
    """Return the centres of the faces, and the seconds of CPU that finding them took."""
    began = time.thread_time()
    faces = finder.find(RgbPicture(scene), detection)
    spent = time.thread_time() - began
    boxes = [face.box for face in faces]
    return [((box.left + box.right) / 2, (box.top + box.bottom) / 2) for box in boxes], spent


def _scene(number: int) -> Image.Image:
    """Return a scene without anybody: blotches, and a sensor's noise."""
    random = np.random.default_rng(number)
    rough = Image.fromarray(random.integers(60, 190, (9, 12, 3), np.uint8))
    blotches = np.asarray(rough.resize(SIZE, Image.Resampling.BICUBIC))
    noise = random.normal(0, _NOISE, (SIZE[1], SIZE[0], 1))
    return Image.fromarray(np.clip(blotches + noise, 0, 255).astype(np.uint8))
