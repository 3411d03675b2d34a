"""A camera's frames as they come: the newest one, however long the last one took to look at."""

import logging
import threading
from collections.abc import Callable, Iterator

from facegate.camera.backoff import Backoff
from facegate.camera.counts import AgentCounts
from facegate.camera.report import AgentReport
from facegate.camera.sources.frame import SourceFrame
from facegate.camera.sources.source_lost import SourceLost

log = logging.getLogger(__name__)

TICK_SECONDS = 0.5
"""How often somebody who waits for a frame is told that there is none."""


class LiveFrames:
    """Reads a source in a thread, and connects again whenever it is lost."""

    def __init__(
        self,
        connect: Callable[[], Iterator[SourceFrame]],
        counts: AgentCounts,
        report: AgentReport,
        *,
        once: bool = False,
    ) -> None:
        """`connect` returns the frames of a new connection; `once` ends with the first one."""
        self._connect = connect
        self._counts = counts
        self._report = report
        self._once = once
        self._backoff = Backoff()
        self._changed = threading.Condition()
        self._newest: SourceFrame | None = None
        self._ended = False
        self._stopped = threading.Event()

    def __iter__(self) -> Iterator[SourceFrame | None]:
        """Yield frames, and None from time to time while there is none. Ends when it is closed."""
        threading.Thread(target=self._run, name="source", daemon=True).start()
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._newest or self._ended, TICK_SECONDS)
                frame, self._newest = self._newest, None
                if frame is None and self._ended:
                    return
            yield frame

    def close(self) -> None:
        """End; what is being read is given up."""
        self._stopped.set()
        self._end()

    def _run(self) -> None:
        while not self._stopped.is_set():
            reason = self._read()
            if self._once or self._stopped.is_set():
                break
            self._counts.lost += 1
            self._counts.problems.add("lost")
            seconds = self._backoff.seconds()
            text = f"the source is lost: {reason}; tried again in {seconds:.1f} s"
            self._report.say("lost", text, reason=reason, seconds=round(seconds, 1))
            self._stopped.wait(seconds)
        self._end()

    def _read(self) -> str:
        """Read one connection to its end; return why it ended."""
        is_first = True
        try:
            for frame in self._connect():
                if is_first:
                    self._backoff.reset()
                    self._counts.problems.discard("lost")
                    self._report.say("connected", "the source shows pictures")
                    is_first = False
                if self._stopped.is_set():
                    break
                self._put(frame)
        except SourceLost as error:
            return str(error)
        except Exception as error:  # whatever a camera sends, the agent goes on
            log.exception("a source cannot be read")
            return repr(error)
        return "it ended"

    def _put(self, frame: SourceFrame) -> None:
        with self._changed:
            if self._newest is not None:
                self._counts.skipped += 1
            self._newest = frame
            self._changed.notify_all()

    def _end(self) -> None:
        with self._changed:
            self._ended = True
            self._changed.notify_all()
