"""Sends what waits in the spool, oldest first, until the gateway has it."""

import contextlib
import logging
import threading
import time

from contract.messages.cameras.agent_status import AgentProblem
from contract.messages.recognition import RecognizeAnswer, RecognizedFace
from facegate.camera.backoff import Backoff
from facegate.camera.counts import AgentCounts
from facegate.camera.outgoing.agent_clock import AgentClock
from facegate.camera.outgoing.gateway_door import GatewayDoor
from facegate.camera.outgoing.posting import Posting
from facegate.camera.outgoing.spool import Spool
from facegate.camera.report import AgentReport
from facegate.client.api_error import ApiError, ClientError

log = logging.getLogger(__name__)

_LOOK_SECONDS = 1.0
BEAT_SECONDS = 60.0
"""How often the gateway hears of a camera that shows nobody: a day of an empty shop is no fault."""
_LONGEST_WAIT = 600.0
"""Seconds, whatever a `Retry-After` says: it may be a proxy's, of another age."""
_NEVER = frozenset({400, 409, 410, 413, 415, 422})
"""Statuses of pictures that will not be taken later either. An unknown store may come yet."""


class Sender:
    """Has a thread of its own, which nothing ends but `close`."""

    def __init__(
        self,
        spool: Spool,
        door: GatewayDoor,
        clock: AgentClock,
        counts: AgentCounts,
        report: AgentReport,
        *,
        beat_seconds: float = BEAT_SECONDS,
    ) -> None:
        self._spool = spool
        self._door = door
        self._clock = clock
        self._counts = counts
        self._report = report
        self._backoff = Backoff()
        self._beat_seconds = beat_seconds
        self._beat_at = time.monotonic()
        self._beaten: tuple[int, frozenset[AgentProblem]] = (0, frozenset())
        self._stopped = threading.Event()
        self._is_away = False
        self._visits: set[str] = set()
        self._thread = threading.Thread(target=self._run, name="sender", daemon=True)

    @property
    def is_away(self) -> bool:
        """Whether the gateway took nothing when it was last asked."""
        return self._is_away

    def start(self) -> None:
        """Begin to send."""
        self._thread.start()

    def finish(self, seconds: float) -> bool:
        """Wait until all is sent, for at most so long; say whether it is."""
        return self._spool.wait_empty(seconds)

    def close(self) -> None:
        """End; what is under way comes to its end first, and what waits stays on disk."""
        self._stopped.set()
        self._spool.wake()
        if self._thread.is_alive():
            self._thread.join()
        self._door.close()

    def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                self._step()
            except Exception as error:  # it runs for ever: the next picture may be another case
                log.exception("a picture was not sent")
                self._report.say("fault", f"not sent: {error!r}", reason=repr(error))
                self._stopped.wait(self._backoff.seconds())
            self._counts.spooled = len(self._spool)

    def _step(self) -> None:
        spooled = self._spool.first(_LOOK_SECONDS)
        self._counts.dropped = self._spool.dropped
        if self._stopped.is_set():
            return
        if spooled is None:
            self._beat()
            return
        self._counts.spooled = len(self._spool) - 1  # as it is when the gateway has this one
        try:
            answer = self._door.post(spooled.posting)
        except ApiError as error:
            self._hear()
            if error.status not in _NEVER:
                self._wait(error, min(error.retry_after or 0.0, _LONGEST_WAIT))
                return
            self._counts.refused += 1
            self._report.say(
                "refused", f"a picture was refused: {error} ({error.code})", code=error.code
            )
        except ClientError as error:
            self._wait(error, 0.0)
            return
        else:
            self._hear()
            self._sent(spooled.posting, answer)
        self._spool.done(spooled.path)
        self._backoff.reset()
        if self._is_away:
            self._is_away = False
            self._report.say("back", "the gateway takes pictures again")

    def _beat(self) -> None:
        """Tell from time to time that the camera shows pictures, or what is wrong now."""
        news = self._counts.frames, frozenset(self._counts.problems)
        if time.monotonic() - self._beat_at < self._beat_seconds or news == self._beaten:
            return
        self._beat_at, self._beaten = time.monotonic(), news
        with contextlib.suppress(ClientError):
            self._door.beat()
            self._hear()

    def _wait(self, error: ClientError, at_least: float) -> None:
        seconds = self._backoff.seconds(at_least)
        if not self._is_away:
            self._is_away = True
            self._report.say("away", f"pictures wait on disk: {error}", reason=str(error))
        self._stopped.wait(seconds)

    def _hear(self) -> None:
        self._clock.hear(self._door.time)
        if self._clock.is_wrong == ("clock" in self._counts.problems):
            return
        seconds = round(self._clock.offset.total_seconds())
        if self._clock.is_wrong:
            self._counts.problems.add("clock")
            text = f"this machine's clock is {seconds:+} s off the gateway's, which is used"
        else:
            self._counts.problems.discard("clock")
            text = "this machine's clock is right again"
        self._report.say("clock", text, ahead_seconds=seconds)

    def _sent(self, posting: Posting, answer: RecognizeAnswer) -> None:
        self._counts.sent += 1
        self._counts.bytes += len(posting.picture)
        self._visits |= {face.visit.id for face in answer.faces if face.visit is not None}
        self._counts.visits = len(self._visits)
        for face in answer.faces:
            self._report.say(
                "face",
                _said(face),
                track=posting.track,
                captured_at=answer.captured_at,
                match=face.match,
                face_id=face.face_id,
                unfit=face.unfit,
                visit=face.visit and face.visit.id,
                new_visit=face.visit is not None and face.visit.new,
            )


def _said(face: RecognizedFace) -> str:
    if face.member is not None and face.member.name:
        return f"{face.match}: {face.member.name}"
    return f"{face.match}: {face.face_id}" if face.face_id else face.unfit or face.match
