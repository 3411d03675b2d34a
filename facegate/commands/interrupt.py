"""Ctrl-C and SIGTERM, for commands that keep processes running."""

import contextlib
import signal
from collections.abc import Iterator
from types import FrameType


@contextlib.contextmanager
def ending_on_signals() -> Iterator[None]:
    """Turn the first SIGTERM or SIGINT into KeyboardInterrupt, and end the block quietly with it.

    Further ones are ignored, so that a second Ctrl-C does not leave processes behind.
    """

    def interrupt(number: int, frame: FrameType | None) -> None:
        for one in signals:
            signal.signal(one, signal.SIG_IGN)
        raise KeyboardInterrupt

    signals = (signal.SIGTERM, signal.SIGINT)
    before = [signal.signal(one, interrupt) for one in signals]
    try:
        with contextlib.suppress(KeyboardInterrupt):
            yield
    finally:
        for one, handler in zip(signals, before, strict=True):
            signal.signal(one, handler)
