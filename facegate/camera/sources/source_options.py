"""How a source is read."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

STREAM_RATE, SNAPSHOT_RATE = 5.0, 1.0
"""Pictures a second that are looked at where nobody says so. People who walk are in view for a
second or two; a snapshot costs a camera a whole picture and a connection."""
Transport = Literal["tcp", "udp"]


@dataclass(frozen=True)
class SourceOptions:
    """What the user may say about reading a source."""

    rate: float | None = None
    """Pictures a second that are looked at; None: as the constants above say."""
    transport: Transport = "tcp"
    """Of RTSP: UDP loses packets where the network is busy, and TCP does not."""
    hardware: str | None = None
    """What decodes, in FFmpeg's words: vaapi, cuda, videotoolbox, …; None: the processor."""
    started_at: datetime | None = None
    """When a video file begins; None: so that it ends now."""
    silence: float = 10.0
    """Seconds without data after which a stream is lost."""

    @property
    def stream_rate(self) -> float:
        """Pictures a second of a stream or file."""
        return self.rate or STREAM_RATE

    @property
    def snapshot_rate(self) -> float:
        """Pictures a second of a camera that is asked for each."""
        return self.rate or SNAPSHOT_RATE
