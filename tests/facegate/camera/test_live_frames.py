"""A live source is read on, whatever becomes of it."""

import itertools
import json
import threading
from collections.abc import Callable, Iterator

from facegate.camera.counts import AgentCounts
from facegate.camera.report import AgentReport
from facegate.camera.sources.frame import SourceFrame
from facegate.camera.sources.live_frames import LiveFrames
from facegate.camera.sources.source_lost import SourceLost
from tests.facegate.camera.fakes import frame_of, noise

_PICTURE = noise(1, (64, 48))


class Live:
    """Live frames of connections that are given one after the other."""

    def __init__(
        self, *connections: Callable[[], Iterator[SourceFrame]], once: bool = False
    ) -> None:
        self.counts = AgentCounts()
        self.lines: list[str] = []
        report = AgentReport("west", "door", self.lines.append, as_json=True)
        waiting = iter(connections)

        def connect() -> Iterator[SourceFrame]:
            return next(waiting, hangs)()

        self.frames = LiveFrames(connect, self.counts, report, once=once)

    @property
    def events(self) -> list[str]:
        return [json.loads(line)["event"] for line in self.lines]


def shows(*numbers: int) -> Callable[[], Iterator[SourceFrame]]:
    return lambda: (frame_of(_PICTURE, number, number) for number in numbers)


def refuses() -> Iterator[SourceFrame]:
    raise SourceLost("Connection refused")
    yield


def breaks() -> Iterator[SourceFrame]:
    raise RuntimeError("a decoder that nobody expected")
    yield


def hangs() -> Iterator[SourceFrame]:
    threading.Event().wait()
    yield frame_of(_PICTURE, 0, 0)


def taken(live: Live, number: int) -> list[int]:
    """Return the next frames' numbers."""
    frames = (frame.number for frame in live.frames if frame is not None)
    return list(itertools.islice(frames, number))


def test_a_source_that_is_lost_is_connected_again() -> None:
    live = Live(shows(1), refuses, breaks, shows(2), hangs)

    assert taken(live, 2) == [1, 2]
    live.frames.close()
    assert live.events[:2] == ["connected", "lost"]
    assert live.events.count("connected") == 2
    assert live.counts.lost >= 3


def test_the_newest_frame_is_looked_at_and_older_ones_are_counted() -> None:
    is_read = threading.Event()

    def read() -> Iterator[SourceFrame]:
        yield from shows(*range(100))()
        is_read.set()
        threading.Event().wait()

    live = Live(read)
    frames = iter(live.frames)
    first = next(frames)
    assert is_read.wait(30)
    second = next(frames)

    assert first is not None
    assert second is not None
    assert second.number == 99
    assert live.counts.skipped == 98
    live.frames.close()


def test_who_waits_for_a_frame_is_told_that_there_is_none() -> None:
    live = Live(hangs)

    assert next(iter(live.frames)) is None
    live.frames.close()


def test_once_ends_with_the_source() -> None:
    live = Live(shows(7), once=True)

    assert [frame.number for frame in live.frames if frame is not None] == [7]
    assert live.counts.lost == 0


def test_closing_ends_the_frames() -> None:
    live = Live(hangs)
    frames = iter(live.frames)
    next(frames)

    live.frames.close()

    assert list(frames) == []
