"""Vectors of faces that were just seen: in memory alone, for as long as a visit lasts.

When staff corrects who came in a visit, the face needs a FaceId of its own. The gateway keeps with
the visit the names of its sightings; the vectors are here.
"""

import asyncio
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from typing import NamedTuple

from contract.vectors import Vector

MOST = 20_000
"""Sightings at once, about 1 kB each; the oldest makes room."""


class SightedFace(NamedTuple):
    """A face's vector, and what a second model makes of the same pictures if there is one."""

    vector: Vector
    second: Vector | None = None


class _Kept(NamedTuple):
    at: float
    face_id: str | None
    sighting: SightedFace


class Sightings:
    """Vectors by the names of their sightings. For the event loop's thread alone."""

    def __init__(
        self, seconds: float, most: int = MOST, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._seconds = seconds
        self._most = most
        self._clock = clock
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._timer: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        return len(self._kept)

    def keep(self, sighting: SightedFace, face_id: str | None) -> str:
        """Keep the vectors of a face, whom the store knows as `face_id`; return its name."""
        name = secrets.token_hex(8)
        self._kept[name] = _Kept(self._clock(), face_id, sighting)
        if len(self._kept) > self._most:
            self._kept.popitem(last=False)
        if self._timer is None:
            self._set_timer(self._seconds)
        return name

    def of(self, names: Iterable[str]) -> list[SightedFace]:
        """Return those that are still there."""
        self._forget_old()
        return [self._kept[name].sighting for name in names if name in self._kept]

    def forget(self, face_ids: Iterable[str]) -> None:
        """Forget whom the store knew as one of `face_ids`."""
        gone = set(face_ids)
        for name in [name for name, kept in self._kept.items() if kept.face_id in gone]:
            del self._kept[name]

    def rename(self, face_id: str, name: str) -> None:
        """Keep under another name whom the store knew as `face_id`."""
        for key, kept in self._kept.items():
            if kept.face_id == face_id:
                self._kept[key] = kept._replace(face_id=name)

    def clear(self) -> None:
        """Forget everybody."""
        self._kept.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _set_timer(self, seconds: float) -> None:
        self._timer = asyncio.get_running_loop().call_later(seconds, self._on_time)

    def _on_time(self) -> None:
        self._timer = None
        self._forget_old()
        if self._kept:
            oldest = next(iter(self._kept.values()))
            self._set_timer(max(0.1, oldest.at + self._seconds - self._clock()))

    def _forget_old(self) -> None:
        too_old = self._clock() - self._seconds
        while self._kept and next(iter(self._kept.values())).at <= too_old:
            self._kept.popitem(last=False)
