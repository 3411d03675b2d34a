"""One person whom a camera follows from frame to frame."""

from datetime import datetime, timedelta

from encoder.face import FaceBox
from encoder.picture.detection_scale import Method
from facegate.camera.seeing.look import Look
from facegate.camera.seeing.track_shots import TrackShots

GONE: dict[Method, timedelta] = {"hog": timedelta(seconds=1), "cnn": timedelta(seconds=3)}
"""Who was not seen for so long has gone, or turned away: who comes back is another track.

Whom only the CNN sees is looked for less often."""
_SMOOTH = 0.6
"""How much of the speed is the last step's."""


class FaceTrack:
    """Where a face is, how fast it moves, and its shots."""

    def __init__(self, number: int, box: FaceBox, look: Look, at: datetime) -> None:
        self.number = number
        self.box = box
        self.look = look
        self.seen_at = at
        self.shots = TrackShots()
        self._seen_by: Method = "hog"
        self._speed = (0.0, 0.0)
        """Pixels a second, to the right and down."""

    def expected(self, at: datetime) -> FaceBox:
        """Return where the face should be at a moment."""
        seconds = (at - self.seen_at).total_seconds()
        right, down = (round(part * seconds) for part in self._speed)
        return self.box.moved(right, down)

    def see(self, box: FaceBox, look: Look, at: datetime, by: Method = "hog") -> None:
        """Take note of where the face is now, what it looks like, and what has found it."""
        seconds = (at - self.seen_at).total_seconds()
        if seconds > 0:
            step = _middle(box), _middle(self.box)
            now = ((step[0][0] - step[1][0]) / seconds, (step[0][1] - step[1][1]) / seconds)
            self._speed = (
                _SMOOTH * now[0] + (1 - _SMOOTH) * self._speed[0],
                _SMOOTH * now[1] + (1 - _SMOOTH) * self._speed[1],
            )
        self.box, self.look, self.seen_at, self._seen_by = box, look, at, by

    def rest(self, at: datetime) -> None:
        """Take note that nothing has moved: the face is where it was."""
        self._speed = (0.0, 0.0)
        self.seen_at = at

    def is_gone(self, at: datetime) -> bool:
        """Say whether the face was not seen for so long that nobody is there any more."""
        return at - self.seen_at > GONE[self._seen_by]


def _middle(box: FaceBox) -> tuple[float, float]:
    return (box.left + box.right) / 2, (box.top + box.bottom) / 2
