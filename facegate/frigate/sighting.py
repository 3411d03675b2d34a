"""What a message of Frigate's says of somebody whom a camera sees.

https://docs.frigate.video/integrations/mqtt: `frigate/events` tells of each tracked object when it
appears, when there is a better snapshot of it, and when it is gone.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from pydantic import BaseModel, ValidationError

PERSON = "person"


@dataclass(frozen=True)
class FrigateSighting:
    """A person before a camera: `event` is Frigate's id of them; `at`, when the snapshot is of."""

    event: str
    camera: str
    at: datetime

    @property
    def key(self) -> str:
        """What no other snapshot is called, of this person or another one."""
        return f"frigate-{self.event}-{self.at.timestamp():.6f}"


class _Snapshot(BaseModel):
    frame_time: float


class _Tracked(BaseModel):
    """A tracked object. Releases differ in where they say when its snapshot was taken."""

    id: str
    camera: str
    label: str
    frame_time: float
    false_positive: bool = False
    has_snapshot: bool = False
    snapshot: _Snapshot | None = None
    snapshot_time: float | None = None

    @property
    def taken_at(self) -> float:
        if self.snapshot is not None:
            return self.snapshot.frame_time
        return self.frame_time if self.snapshot_time is None else self.snapshot_time


class _Told(BaseModel):
    after: _Tracked


def sighting_of(message: bytes) -> FrigateSighting | None:
    """Return what a message tells; None when it is of no person, or there is no snapshot."""
    try:
        after = _Told.model_validate_json(message).after
        at = datetime.fromtimestamp(after.taken_at, UTC)
    except (ValidationError, ValueError, OverflowError, OSError):  # the last: no such moment
        return None
    if after.label != PERSON or after.false_positive or not after.has_snapshot:
        return None
    return FrigateSighting(after.id, after.camera, at)
