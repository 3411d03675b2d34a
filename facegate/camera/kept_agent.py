"""One camera's agent in a thread of its own, kept going."""

import logging
import threading
from collections.abc import Callable

from contract.errors import FacegateError
from facegate.camera.agent import PATIENCE_SECONDS, CameraAgent
from facegate.camera.backoff import Backoff
from facegate.camera.report import AgentReport
from facegate.camera.sources.source_lost import SourceLost

log = logging.getLogger(__name__)

_LEAVING_SECONDS = 2.0


class KeptAgent:
    """Begins again whenever its agent fails, until it is stopped or its source has ended."""

    def __init__(self, make: Callable[[], CameraAgent], report: AgentReport) -> None:
        """`make` returns a new agent. Raises what may be mended while this one waits."""
        self._make = make
        self._report = report
        self._backoff = Backoff(first=1.0)
        self._stopped = threading.Event()
        self.agent: CameraAgent | None = None
        """The one that runs now."""
        self._thread = threading.Thread(target=self._run, name="agent", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Let it end; what was not sent waits on disk."""
        self._stopped.set()
        if self.agent is not None:
            self.agent.stop()

    def join(self) -> None:
        """Wait until it has ended."""
        self._thread.join()

    def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                if self._is_at_end():
                    return
            except (FacegateError, SourceLost, OSError) as error:
                self._again(str(error))
            except Exception as error:  # one camera's trouble ends no other's agent
                log.exception("an agent failed")
                self._again(repr(error))

    def _is_at_end(self) -> bool:
        """Run one agent to its end; say whether its source has ended, too."""
        agent = self._make()
        self.agent = agent
        try:
            if self._stopped.is_set():
                return True
            agent.report.say("started", f"watching {agent.plan.address.shown}")
            agent.run()
            agent.deliver(_LEAVING_SECONDS if self._stopped.is_set() else PATIENCE_SECONDS)
        finally:
            self.agent = None
            agent.close()
        agent.say_counts("summary")
        return True

    def _again(self, reason: str) -> None:
        seconds = self._backoff.seconds()
        text = f"not watched: {reason}; tried again in {seconds:.0f} s"
        self._report.say("failed", text, reason=reason)
        self._stopped.wait(seconds)
