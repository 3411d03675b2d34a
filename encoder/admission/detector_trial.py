"""Tries a detector on pictures: does it find the faces that dlib's finds, and their points?"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from contract.errors import BadRequest
from encoder.admission.known_faces import KnownPicture
from encoder.admission.neighbours import input_neighbours
from encoder.custom.detector_manifest import DetectorManifest
from encoder.detector import DetectedFace, FaceDetector

TURN = 10.0
"""Degrees that a picture is turned by."""
_SAME_FACE = 0.5
"""Of a face's width: nearer than this the middles of two faces' points are of one face."""
_GREYS = (0, 128)
"""Of pictures that show nothing."""
_BLANK = (480, 640, 3)


class DetectorLimits(NamedTuple):
    """What a detector has to reach. Chosen, not measured: no file of a detector was there."""

    found: float = 0.7
    """The share of the faces that dlib's detector is sure of: of partial ones others see fewer."""
    overlap: float = 0.4
    """Of its boxes and dlib's, intersection over union: dlib's own are a sixth larger or smaller
    from one size to the next."""
    off: float = 0.25
    """Distance of a point from where dlib's landmarks have it, in distances of the eyes."""
    misplaced: float = 0.1
    """The share of faces whose points are in another order."""
    turned: float = 0.7
    """The share of the faces that are found again when the picture is turned."""
    better: float = 0.1
    """How much more of the faces another way finds that is clearly better."""


USUAL_OF_DETECTORS = DetectorLimits()


class OtherWay(NamedTuple):
    """Another way to feed the detector, and how it does so."""

    what: str
    value: str
    right: float
    """The share of the faces that it finds, with their points in order."""


@dataclass(frozen=True)
class DetectorTrial:
    """What came out. Without a fault the detector may be taken."""

    pictures: int
    faces: int
    """That dlib's detector is sure of."""
    found: float
    """The share of them that it finds."""
    overlap: float
    """Mean intersection over union of the boxes of those found; nan when there are none."""
    off: float
    """Median distance of their points from dlib's, in distances of the eyes; nan for none."""
    misplaced: float
    """The share of those found whose points are in another order."""
    right: float
    """The share of all faces that are found, with their points in order."""
    turned: float
    """The share of those found that are found again in the turned picture."""
    on_blank: int
    """Faces that it sees where nothing is."""
    others: Sequence[OtherWay]
    limits: DetectorLimits

    @cached_property
    def faults(self) -> list[str]:
        """Why it is not to be taken."""
        limits = self.limits
        said = (
            (
                self.on_blank > 0,
                f"it sees {self.on_blank} faces in pictures that show nothing",
            ),
            (
                self.found < limits.found,
                f"it finds {self.found:.0%} of the {self.faces} faces that dlib's detector finds;"
                f" at least {limits.found:.0%} are needed",
            ),
            (
                self.misplaced > limits.misplaced,
                f"of {self.misplaced:.0%} of the faces the five points are not eyes, nose tip and"
                " mouth corners, each pair from the left of the picture",
            ),
            (
                self.off > limits.off,
                f"its points are {self.off:.2f} of the distance of the eyes off dlib's landmarks;"
                f" {limits.off:g} at most",
            ),
            (
                self.overlap < limits.overlap,
                f"its boxes share {self.overlap:.0%} with those of dlib's detector;"
                f" {limits.overlap:.0%} are needed",
            ),
            (
                self.found > 0 and self.turned < limits.turned,
                f"it finds {self.turned:.0%} of its faces again when the picture is turned by"
                f" {TURN:g} degrees; {limits.turned:.0%} are needed",
            ),
        )
        return [text for is_so, text in said if is_so]

    @cached_property
    def warnings(self) -> list[str]:
        """Ways to feed it that find clearly more faces rightly than the declared one."""
        return [
            f"{other.what} {other.value} finds more of the faces than what is declared"
            f" ({other.right:.0%} with their points in order, not {self.right:.0%}): does it fit"
            " the file?"
            for other in self.others
            if other.right > self.right + self.limits.better
        ]


def try_detector(
    manifest: DetectorManifest,
    detector: Callable[[DetectorManifest], FaceDetector],
    pictures: Iterable[KnownPicture],
    limits: DetectorLimits = USUAL_OF_DETECTORS,
) -> DetectorTrial:
    """Return how what `detector` makes of a manifest does on pictures, each looked at once.

    Raises BadRequest when they show no face that dlib's detector is sure of.
    """
    declared = detector(manifest)
    others = [(way, detector(way.manifest)) for way in input_neighbours(manifest)]
    looked, faces, found = 0, 0, list[_Found]()
    found_again, found_otherwise = 0, [list[_Found]() for _ in others]
    for picture in pictures:
        looked += 1
        faces += len(picture.faces)
        here, there = _found(declared, picture), _found(declared, turned(picture))
        found += here.values()
        found_again += len(here.keys() & there.keys())
        for (_, other), so_far in zip(others, found_otherwise, strict=True):
            so_far.extend(_found(other, picture).values())
    if not faces:
        raise BadRequest(
            f"dlib's detector is sure of no face in {looked} pictures: the trial needs some"
        )
    return DetectorTrial(
        pictures=looked,
        faces=faces,
        found=len(found) / faces,
        overlap=float(np.mean([one.overlap for one in found])) if found else np.nan,
        off=float(np.median([one.off for one in found])) if found else np.nan,
        misplaced=1 - _in_order(found) / len(found) if found else 0.0,
        right=_in_order(found) / faces,
        turned=found_again / len(found) if found else 0.0,
        on_blank=sum(len(declared.detect(np.full(_BLANK, grey, np.uint8))) for grey in _GREYS),
        others=[
            OtherWay(way.what, way.value, _in_order(finds) / faces)
            for (way, _), finds in zip(others, found_otherwise, strict=True)
        ],
        limits=limits,
    )


class _Found(NamedTuple):
    """How one face was found, beside what dlib has of it."""

    overlap: float
    off: float
    is_in_order: bool


def _in_order(found: Sequence[_Found]) -> int:
    return sum(one.is_in_order for one in found)


def _found(detector: FaceDetector, picture: KnownPicture) -> dict[int, _Found]:
    """Return how the faces of a picture are found, by their places; others are not in it."""
    matches = _matches(detector, picture)
    return {place: _beside(picture.faces[place], face) for place, face in matches.items()}


def _beside(known: DetectedFace, face: DetectedFace) -> _Found:
    apart = np.abs(_points(known)[:, None] - _points(face))
    off = float(apart.diagonal().mean()) / _eyes(known)
    nearest = apart.argmin(axis=0)
    return _Found(_overlap(known, face), off, bool((nearest == np.arange(len(nearest))).all()))


def _matches(detector: FaceDetector, picture: KnownPicture) -> dict[int, DetectedFace]:
    """Return what the detector finds of the known faces, by their places."""
    seen = detector.detect(picture.pixels)
    matches = {}
    for place, known in enumerate(picture.faces):
        near = [(abs(_middle(face) - _middle(known)), number) for number, face in enumerate(seen)]
        distance, number = min(near, default=(np.inf, -1))
        if distance < _SAME_FACE * (known.right - known.left + 1):
            matches[place] = seen[number]
    return matches


def turned(picture: KnownPicture) -> KnownPicture:
    """Return the picture turned about its middle, counterclockwise as one sees it."""
    height, width = picture.pixels.shape[:2]
    middle = complex(width, height) / 2
    turn = np.exp(-1j * np.radians(TURN))  # y points down
    pixels = Image.fromarray(picture.pixels).rotate(TURN, Image.Resampling.BILINEAR)
    faces = []
    for face in picture.faces:
        points = (_points(face) - middle) * turn + middle
        shift = points.mean() - _middle(face)
        moved = face.moved(round(shift.real), round(shift.imag))
        faces.append(moved._replace(points=tuple((z.real, z.imag) for z in points.tolist())))
    return KnownPicture(np.asarray(pixels), tuple(faces))


def _points(face: DetectedFace) -> NDArray[np.complex128]:
    """Return a face's points as x + yi."""
    assert face.points is not None
    return np.array([complex(*point) for point in face.points])


def _middle(face: DetectedFace) -> complex:
    return complex(_points(face).mean())


def _eyes(face: DetectedFace) -> float:
    left, right = _points(face)[:2]
    return max(float(abs(right - left)), 1.0)


def _overlap(one: DetectedFace, other: DetectedFace) -> float:
    """Return the intersection over union of two boxes."""
    across = min(one.right, other.right) - max(one.left, other.left) + 1
    down = min(one.bottom, other.bottom) - max(one.top, other.top) + 1
    shared = max(across, 0) * max(down, 0)
    return shared / (_area(one) + _area(other) - shared)


def _area(face: DetectedFace) -> int:
    return (face.right - face.left + 1) * (face.bottom - face.top + 1)
