"""Fairness between cameras: pictures of one camera that are worked on at once are bounded.

A shard has room for so many pictures. Without a bound a camera that floods fills it, and the other
cameras of its store are refused. Repeats of a frame that wait for its first answer take no place.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from contract.errors import TooManyPictures

NAMELESS = 2
"""The places that pictures without a camera's name share, in those of a camera."""


class CameraPlace(NamedTuple):
    """Who shares places: one camera of a store, or all from one address that do not say which."""

    store: str
    camera: str | None
    address: str | None
    """Where the pictures come from; looked at only where no camera is named."""


class CameraPlaces:
    """The places of every camera, at one gateway."""

    def __init__(self, each: int) -> None:
        """Give each camera `each` places."""
        self._each = each
        self._taken: Counter[CameraPlace] = Counter()

    @contextmanager
    def taken(self, place: CameraPlace) -> Iterator[None]:
        """Hold one of the places for a picture. Raises TooManyPictures when all are taken."""
        if place.camera is not None:
            place = place._replace(address=None)
        most = self._each if place.camera is not None else NAMELESS * self._each
        if self._taken[place] >= most:
            raise TooManyPictures(_refusal(place, most))
        self._taken[place] += 1
        try:
            yield
        finally:
            self._taken[place] -= 1
            if not self._taken[place]:
                del self._taken[place]


def _refusal(place: CameraPlace, most: int) -> str:
    if place.camera is not None:
        return f"{most} pictures of the camera {place.camera!r} are being worked on"
    return (
        f"{most} pictures from this address that name no camera are being worked on; those of a"
        " named one, ?camera=…, have places of their own"
    )
