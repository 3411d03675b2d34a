"""The agent of one camera: source, watcher, spool and sender, put together."""

import logging
import time
from collections.abc import Callable
from datetime import datetime

from encoder.duty_budget import DutyBudget
from encoder.load.face_locator import load_face_locator
from facegate.camera.agent_plan import AgentPlan
from facegate.camera.counts import AgentCounts
from facegate.camera.outgoing.agent_clock import AgentClock
from facegate.camera.outgoing.gateway_door import GatewayDoor
from facegate.camera.outgoing.sender import Sender
from facegate.camera.outgoing.spool import Spool
from facegate.camera.report import AgentReport
from facegate.camera.seeing.frame_search import FrameSearch
from facegate.camera.sources.frame import SourceFrame
from facegate.camera.sources.source import FrameSource
from facegate.camera.watcher import CameraWatcher

log = logging.getLogger(__name__)

PATIENCE_SECONDS = 30.0
"""How long a gateway that is away is waited for when nothing else is left to do."""
_COUNTS_SECONDS = 60.0


class CameraAgent:
    """Watches one camera, in the thread that calls `run`."""

    def __init__(self, plan: AgentPlan, write: Callable[[str], None], *, as_json: bool) -> None:
        """Take over what waits in the camera's spool; `write` gets what the agent says.

        Raises BadRequest when another agent has the spool, ConfigurationError when something is not
        installed, and OSError.
        """
        self.plan = plan
        self.counts = AgentCounts()
        self.report = AgentReport(plan.store, plan.camera, write, as_json)
        clock = AgentClock()
        self._clock = clock
        self._source = FrameSource(
            plan.address, plan.options, clock, self.counts, self.report, once=plan.once
        )
        finder = load_face_locator()
        if plan.detection.detector == "auto":
            finder.load_cnn()
        self._spool = Spool(plan.folder, plan.spool_bytes)
        door = GatewayDoor(plan.url, plan.store, plan.camera, self.counts, plan.key)
        self._sender = Sender(self._spool, door, clock, self.counts, self.report)
        began = plan.options.started_at or clock.now()
        self._watcher = CameraWatcher(
            FrameSearch(finder, plan.detection, DutyBudget(plan.cnn_share)),
            plan.detection,
            self._spool,
            self.counts,
            self.report,
            run=f"{int(began.timestamp() * 1000):x}",
            sent=plan.sent,
        )
        self._said_at = time.monotonic()

    def run(self) -> None:
        """Watch until the source ends, or `stop`. Raises SourceLost when a file is no video."""
        self._sender.start()
        at = self._clock.now()
        try:
            for frame in self._source:
                at = self._clock.now() if frame is None else frame.at
                self._take(frame, at)
        finally:
            self._watcher.end(at)

    def stop(self) -> None:
        """Let `run` return; for any thread."""
        self._source.close()

    def deliver(self, patience: float = PATIENCE_SECONDS) -> bool:
        """Wait until everything is sent, or the gateway was away for so long; say which."""
        give_up = time.monotonic() + patience
        while not self._sender.finish(0.5):
            if not self._sender.is_away:
                give_up = time.monotonic() + patience
            elif time.monotonic() >= give_up:
                return False
        return True

    def close(self) -> None:
        """End; what was not sent waits on disk for the next run."""
        self.stop()
        self._sender.close()
        self._spool.close()

    def _take(self, frame: SourceFrame | None, at: datetime) -> None:
        try:
            if frame is None:
                self._watcher.tick(at)
            else:
                self._watcher.look(frame)
        except Exception as error:  # one frame that nobody has thought of ends no camera
            log.exception("a frame was not looked at")
            self.report.say("fault", f"a frame was not looked at: {error!r}", reason=repr(error))
        if time.monotonic() - self._said_at >= _COUNTS_SECONDS:
            self._said_at = time.monotonic()
            self.say_counts("counts")

    def say_counts(self, event: str) -> None:
        """Say what was done so far."""
        counts = self.counts
        waiting = f", {counts.spooled} wait on disk" if counts.spooled else ""
        text = (
            f"{counts.frames} frames, {counts.tracks} people followed,"
            f" {counts.sent} pictures sent ({counts.bytes / 1000:.0f} kB), {counts.visits} visits"
            f"{waiting}"
        )
        self.report.say(event, text, **counts.numbers, problems=sorted(counts.problems))
