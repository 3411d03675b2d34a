"""A frame of a camera, as the record takes it."""

from dataclasses import dataclass
from datetime import timedelta

from gateway.clock.store_clock import hour_of
from gateway.record.visits.pending_visits import PendingVector
from gateway.record.visits.tracks import TrackKey


@dataclass(frozen=True)
class Frame:
    """A picture taken by a camera of `store` at the moment `at`, received at `now`.

    Both are milliseconds since 1970. In a frame of a track one face, which says so, is the track's
    person. When that face is `pending`, the frame has what it waits for a FaceId with; once the
    track is `quiet` for so long, it is named.
    """

    store: str
    timezone: str
    visit_gap: timedelta
    at: int
    now: int
    camera: str | None = None
    track: str | None = None
    pending: PendingVector | None = None
    quiet: timedelta = timedelta(0)

    @property
    def due_at(self) -> int:
        """When the track is named, unless another frame of it comes before."""
        return self.now + self.quiet // timedelta(milliseconds=1)

    @property
    def gap(self) -> int:
        """Milliseconds without a frame that end a visit."""
        return self.visit_gap // timedelta(milliseconds=1)

    @property
    def track_key(self) -> TrackKey | None:
        """The track that the frame is of."""
        if self.track is None:
            return None
        return TrackKey(self.store, self.camera or "", self.track)

    @property
    def hour(self) -> int:
        """The hour on the store's clock."""
        return hour_of(self.at, self.timezone)
