"""A frame of a camera, as the record takes it."""

from dataclasses import dataclass
from datetime import timedelta

from contract.messages.recognition import RecognizedFace
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
    counts_unfit: bool = False
    """Whether a track whose person nobody would know again is a visit."""

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

    def is_unfit_visit(self, face: RecognizedFace) -> bool:
        """Say whether a face without a FaceId is a visit all the same.

        What is hardly a face is nobody. Without a track, nobody can say whether it is another look
        at somebody who is counted already.
        """
        of_track = self.track_key is not None and face.track is not None
        is_somebody = face.unfit is not None and face.unfit != "NO_FACE"
        return self.counts_unfit and of_track and face.match == "unknown" and is_somebody

    @property
    def hour(self) -> int:
        """The hour on the store's clock."""
        return hour_of(self.at, self.timezone)
