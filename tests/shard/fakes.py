"""An encoder whose pictures are text: `faces 3 7` shows the persons 3 and 7, `faces` nobody.

`faces 3 blurred` shows a blurred face, see LOOKS; `faces 3 0.2` another picture of the person,
which differs by about 0.2.
"""

import asyncio
import itertools
from dataclasses import replace

import numpy as np

from contract.deadline import Deadline
from contract.errors import BrokenPicture, EmptyPicture, EncoderCrashed
from contract.stores.detection import Detection
from contract.vectors import Vector
from encoder import Face, FaceBox, FaceQuality, SecondVectors, VectorModel
from scoring.cohort import unit

CLEAR = FaceQuality(width=120, sharpness=20, light=120, yaw=0, pitch=0.78, roll=0)
"""How a face looks that nothing is wrong with."""
LOOKS = {
    "small": CLEAR._replace(width=40),
    "dark": CLEAR._replace(light=20),
    "blurred": CLEAR._replace(sharpness=0.5),
    "turned": CLEAR._replace(yaw=0.9),
    "profile": CLEAR._replace(frontal=False),
    "hazy": CLEAR._replace(sharpness=1.2),
}
DIMENSION = 8
MODEL = "fake-v1"
SECOND = VectorModel("fake-second", 16)
"""A model of another dimension, and of other vectors."""


def vector_of(person: int, shift: float = 0.0, dimension: int = DIMENSION) -> Vector:
    """Return a person's unit vector; `shift` is about how far one picture is from another.

    The first forty persons are at least 0.6 apart.
    """
    vector = unit(np.random.default_rng(person).normal(size=dimension).astype(np.float32))
    vector[0] += shift
    return unit(vector)


def picture_of(*persons: int, take: str = "") -> bytes:
    """Return a picture of `persons`, largest face first; `take` makes it another file."""
    return f"faces {' '.join(map(str, persons))} {take}".encode()


class FakeEncoder:
    """Encodes at once, unless `gate` is cleared; keeps the pictures that it `encoded`.

    `detections` are how their faces were looked for.
    """

    def __init__(
        self,
        model: str = MODEL,
        dimension: int = DIMENSION,
        second: VectorModel | None = None,
    ) -> None:
        self.model = model
        self.dimension = dimension
        self.second = second
        self.waiting = 0
        self.problem: str | None = None
        self.is_stopped = False
        self.encoded: list[bytes] = []
        self.detections: list[Detection] = []
        self.started = False
        self.closed = False
        self.asked = asyncio.Event()
        self.gate = asyncio.Event()
        self.gate.set()

    async def start(self) -> None:
        self.started = True

    async def close(self) -> None:
        self.closed = True

    async def encode(
        self,
        picture: bytes,
        deadline: Deadline,
        detection: Detection = Detection(),
        *,
        to_enroll: bool = False,
    ) -> list[Face]:
        self.encoded.append(picture)
        self.detections.append(detection)
        self.asked.set()
        await self.gate.wait()
        deadline.check()
        return self.faces_in(picture, to_enroll)

    def faces_in(self, picture: bytes, to_enroll: bool) -> list[Face]:
        """Return what a picture shows; other encoders see something else."""
        words = picture.decode().split()
        match words:
            case []:
                raise EmptyPicture
            case ["crash", *_]:
                raise EncoderCrashed
            case ["faces", *persons]:
                seen = list(itertools.takewhile(str.isdigit, persons))
                words = persons[len(seen) :]
                quality = next((LOOKS[word] for word in words if word in LOOKS), CLEAR)
                shift = next((float(word) for word in words if _is_number(word)), 0.0)
                return [
                    self._face(place, int(person), shift, quality)
                    for place, person in enumerate(seen)
                ]
        raise BrokenPicture("not a picture at all")

    def _face(self, place: int, person: int, shift: float, quality: FaceQuality) -> Face:
        box = FaceBox(top=place, right=place + 20, bottom=place + 20, left=place)
        face = Face(box, vector_of(person, shift), confidence=1.5, quality=quality)
        if self.second is None:
            return face
        vectors = [
            vector_of(person, shift, dimension)
            for dimension in (self.dimension, self.second.dimension)
        ]
        return replace(face, vector=vectors[0], second=SecondVectors(vectors[1]))


def two_models() -> FakeEncoder:
    """Return an encoder with a second model."""
    return FakeEncoder(second=SECOND)


def changed_over() -> FakeEncoder:
    """Return the one after the change: the second model serves, the first one is beside it."""
    return FakeEncoder(SECOND.model, SECOND.dimension, VectorModel(MODEL, DIMENSION))


class FailsOnce(FakeEncoder):
    """Raises `error` instead of encoding the first picture."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self._error = error

    def faces_in(self, picture: bytes, to_enroll: bool) -> list[Face]:
        if len(self.encoded) == 1:
            raise self._error
        return super().faces_in(picture, to_enroll)


class Fails(FakeEncoder):
    """Raises `error` instead of encoding, as long as there is one."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error: Exception | None = error

    def faces_in(self, picture: bytes, to_enroll: bool) -> list[Face]:
        if self.error is not None:
            raise self.error
        return super().faces_in(picture, to_enroll)


def _is_number(word: str) -> bool:
    return word.replace(".", "", 1).isdigit() and "." in word
