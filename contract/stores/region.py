"""The part of a camera's picture where faces count: what a camera sees of the street, does not.

Coordinates are relative, so that another resolution of the camera changes nothing: 0 is the left or
upper edge of the picture as it is when it is turned upright, 1 the right or lower one.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self, TypeAlias, TypeGuard

Point: TypeAlias = tuple[float, float]
MOST_POINTS = 32
SMALLEST_AREA = 1e-4
"""Of the picture: a hundredth of its width by a hundredth of its height. Less is a slip."""
_EXPECTED = (
    "expected a box [left, top, right, bottom], or a polygon of 3 to"
    f" {MOST_POINTS} points [[x, y], ...], all from 0 to 1"
)


@dataclass(frozen=True)
class Region:
    """A polygon: its corners in their order; the last one is joined to the first."""

    points: tuple[Point, ...]

    @classmethod
    def parse(cls, value: object) -> Self:
        """Return the region that a box or a polygon of the map says. Raises ValueError."""
        if isinstance(value, cls):
            return value
        if not isinstance(value, list | tuple):
            raise ValueError(_EXPECTED)
        points = _box(value) if all(_is_number(part) for part in value) else _polygon(value)
        region = cls(points)
        if region.area < SMALLEST_AREA:
            raise ValueError(f"no face has its centre in so small a region: {_EXPECTED}")
        return region

    @classmethod
    def of_text(cls, text: str) -> Self:
        """Return the region that `text` says. Raises ValueError."""
        try:
            numbers = [float(part) for part in text.split(",")]
            points = [*zip(numbers[::2], numbers[1::2], strict=True)]
        except ValueError:
            raise ValueError("expected x1,y1,x2,y2,... of at least three points") from None
        return cls.parse(points)

    @property
    def text(self) -> str:
        """The region as a query has it: `x1,y1,x2,y2,...`."""
        return ",".join(f"{number:g}" for point in self.points for number in point)

    @property
    def area(self) -> float:
        """The share of the picture that it covers; parts that overlap themselves aside."""
        pairs = zip(self.points, self.points[1:] + self.points[:1], strict=True)
        return abs(math.fsum(x * below - right * y for (x, y), (right, below) in pairs)) / 2

    def contains(self, x: float, y: float) -> bool:
        """Say whether a point lies in it: whether a line from there leaves it an odd number of
        times. Of a point on its very edge either is right.
        """
        inside = False
        for (x1, y1), (x2, y2) in zip(self.points, self.points[1:] + self.points[:1], strict=True):
            if (y1 > y) != (y2 > y) and x < x1 + (x2 - x1) * (y - y1) / (y2 - y1):
                inside = not inside
        return inside


def _box(numbers: Sequence[float]) -> tuple[Point, ...]:
    if len(numbers) != 4:
        raise ValueError(_EXPECTED)
    left, top, right, bottom = map(_coordinate, numbers)
    if left >= right or top >= bottom:
        raise ValueError(f"its sides are not in their order: {_EXPECTED}")
    return (left, top), (right, top), (right, bottom), (left, bottom)


def _polygon(points: Sequence[object]) -> tuple[Point, ...]:
    if not 3 <= len(points) <= MOST_POINTS:
        raise ValueError(_EXPECTED)
    return tuple(map(_point, points))


def _point(value: object) -> Point:
    if not isinstance(value, list | tuple) or len(value) != 2:
        raise ValueError(_EXPECTED)
    return _coordinate(value[0]), _coordinate(value[1])


def _coordinate(value: object) -> float:
    if not _is_number(value) or not 0 <= value <= 1:  # not a number is not between them either
        raise ValueError(_EXPECTED)
    return round(float(value), 4)


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)
