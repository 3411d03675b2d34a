"""The frames of a source, whatever its kind."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

from contract.errors import ConfigurationError
from facegate.camera.counts import AgentCounts
from facegate.camera.outgoing.agent_clock import AgentClock
from facegate.camera.report import AgentReport
from facegate.camera.sources.frame import SourceFrame
from facegate.camera.sources.live_frames import LiveFrames
from facegate.camera.sources.picture_folder import read_pictures, watch_pictures
from facegate.camera.sources.source_address import SourceAddress
from facegate.camera.sources.source_options import SourceOptions

MISSING = "video needs PyAV, which is not installed: pip install 'facegate[camera]'"


class FrameSource:
    """What a camera shows. Iterating it raises SourceLost for a file that is no video."""

    def __init__(
        self,
        address: SourceAddress,
        options: SourceOptions,
        clock: AgentClock,
        counts: AgentCounts,
        report: AgentReport,
        *,
        once: bool,
    ) -> None:
        """`once`: a folder or a stream is read to its end, and nothing is waited for.

        Raises ConfigurationError where PyAV is needed and missing.
        """
        self._address = address
        self._options = options
        self._clock = clock
        self._report = report
        self._numbers = count()
        self._live: LiveFrames | None = None
        if address.is_live or (address.kind == "folder" and not once):
            self._live = LiveFrames(self._connect, counts, report, once=once)
        if address.kind != "folder":
            _check_video()

    def __iter__(self) -> Iterator[SourceFrame | None]:
        """Yield frames; None while a live source has none."""
        return iter(self._live) if self._live is not None else self._read()

    def close(self) -> None:
        """Let those who wait for a frame of a live source go."""
        if self._live is not None:
            self._live.close()

    def _read(self) -> Iterator[SourceFrame]:
        if self._address.kind == "folder":
            return read_pictures(Path(self._address.opened), self._report)
        from facegate.camera.sources.video import read_file

        return read_file(self._address, self._options, self._clock.now)

    def _connect(self) -> Iterator[SourceFrame]:
        if self._address.kind == "folder":
            return watch_pictures(Path(self._address.opened), self._report, self._numbers)
        from facegate.camera.sources.video import read_live

        return read_live(self._address, self._options, self._clock.now, self._numbers)


def _check_video() -> None:
    try:
        import facegate.camera.sources.video  # noqa: F401 - whether it can be imported
    except ModuleNotFoundError as error:
        raise ConfigurationError(MISSING) from error
