"""One visit as a row of the record, and what it adds to the sums of its hour."""

from dataclasses import dataclass, replace
from typing import Any, Literal, NamedTuple, Self

from contract.messages.shard_updates import MOST_SIGHTINGS
from gateway.clock.store_clock import day_of, week_of
from gateway.record.scope import CHAIN

VisitKind = Literal["home", "roaming", "new"]

_MOVED_MS = 3000
"""After so long without a frame from the camera that saw a person last, another one has them."""
NEVER = -1
"""The day before which there was none."""


class Sums(NamedTuple):
    """Sums over visits that began in one hour in one store; the fields are the table's."""

    pv: int
    new: int
    roaming: int
    members: int
    dwell_ms: int
    uv_hour: int
    uv_day: int
    uv_week: int
    chain_new: int
    chain_uv_hour: int
    chain_uv_day: int
    chain_uv_week: int

    def plus(self, other: Self, sign: Literal[1, -1]) -> Self:
        """Return the sums with `other` added or taken away."""
        return type(self)(*(one + sign * two for one, two in zip(self, other, strict=True)))


NO_SUMS = Sums(*(0 for _ in Sums._fields))


@dataclass(frozen=True)
class VisitRow:
    """A row of the table `visits`; its text is there. `visit` is 0 until it is stored."""

    visit: int
    store: str
    camera: str | None
    person: int | None
    home_store: str | None
    face_id: str | None
    kind: VisitKind
    score: float | None
    provisional: bool
    first_at: int
    last_at: int
    frames: int
    hour: int
    before_here: int | None
    before_anywhere: int | None
    member: bool
    counted: bool
    sightings: str = ""
    last_camera: str | None = None
    last_camera_at: int | None = None

    def sums(self) -> Sums:
        """Return what this visit adds to the sums of its hour."""
        if not self.counted:
            return NO_SUMS
        here = _firsts(self.before_here, self.hour)
        anywhere = _firsts(self.before_anywhere, self.hour)
        return Sums(
            1,
            here[0],
            int(self.kind == "roaming"),
            int(self.member),
            self.last_at - self.first_at,
            *here[1:],
            *anywhere,
        )

    def returns(self) -> list[tuple[str, int, int]]:
        """Return the rows of the table `returns` that this visit is one of: store and chain."""
        if not self.counted:
            return []
        day = day_of(self.hour)
        scopes = ((self.store, self.before_here), (CHAIN, self.before_anywhere))
        found = [(scope, day, NEVER if b is None else day_of(b)) for scope, b in scopes]
        return [row for row in found if row[2] < day]

    def is_near(self, at: int, gap: int) -> bool:
        """Say whether a moment is part of the visit: no more than `gap` from one of its frames."""
        return self.first_at - gap <= at <= self.last_at + gap

    def with_frame(
        self, at: int, score: float | None, sighting: str | None, camera: str | None
    ) -> Self:
        """Return the visit with one more frame, taken at `at` by a camera.

        A shard keeps it as `sighting`.
        """
        return replace(
            self,
            first_at=min(self.first_at, at),
            last_at=max(self.last_at, at),
            frames=self.frames + 1,
            score=max((s for s in (self.score, score) if s is not None), default=None),
            sightings=_newest(self.sightings, sighting or ""),
            **self._seen_by(camera, at),
        )

    def with_visit(self, other: Self) -> Self:
        """Return the visit with the frames of `other`, which turned out to be the same one."""
        last = max((self, other), key=lambda visit: visit.last_camera_at or 0)
        return replace(
            self,
            first_at=min(self.first_at, other.first_at),
            last_at=max(self.last_at, other.last_at),
            frames=self.frames + other.frames,
            sightings=_newest(self.sightings, other.sightings),
            last_camera=last.last_camera,
            last_camera_at=last.last_camera_at,
        )

    def _seen_by(self, camera: str | None, at: int) -> dict[str, Any]:
        """Return the columns of where the person was seen last, after one more frame.

        Where two cameras see somebody at once, it stays the first of them.
        """
        before = self.last_camera_at
        if camera is None or (before is not None and at < before):
            return {}
        if camera != self.last_camera and before is not None and at < before + _MOVED_MS:
            return {}
        return {"last_camera": camera, "last_camera_at": at}


def _newest(*sightings: str) -> str:
    """Return the last of the names in `sightings`, in their order."""
    return " ".join(" ".join(sightings).split()[-MOST_SIGHTINGS:])


def _firsts(before: int | None, hour: int) -> tuple[int, int, int, int]:
    """Return 1 or 0: is it the first of all, of its hour, of its day, of its week?"""
    if before is None:
        return 1, 1, 1, 1
    return (
        0,
        int(before < hour),
        int(day_of(before) < day_of(hour)),
        int(week_of(before) < week_of(hour)),
    )
