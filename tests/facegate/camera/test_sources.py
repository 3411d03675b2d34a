"""Every kind of source, from real files and over real sockets."""

import itertools
import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bench.camera.footage import frames_of, walks_of, write_video
from facegate.camera.counts import AgentCounts
from facegate.camera.outgoing.agent_clock import AgentClock
from facegate.camera.sources.frame import THUMBNAIL_WIDTH, SourceFrame
from facegate.camera.sources.source import FrameSource
from facegate.camera.sources.source_address import SourceAddress, parse_source
from facegate.camera.sources.source_lost import SourceLost
from facegate.camera.sources.source_options import SourceOptions, Transport
from tests.endless import endless
from tests.facegate.camera.cameras import HttpCamera, RtspCamera
from tests.facegate.camera.fakes import START, remembering_report
from tests.footage import Footage
from tests.ports import free_port


class Opened:
    """A source, and what is counted and said of it."""

    def __init__(
        self, source: str | SourceAddress, *, once: bool = False, **options: object
    ) -> None:
        self.counts = AgentCounts()
        report, self.lines = remembering_report()
        address = parse_source(source) if isinstance(source, str) else source
        self.source = FrameSource(
            address,
            SourceOptions(**options),  # type: ignore[arg-type]  # as each test says
            AgentClock(),
            self.counts,
            report,
            once=once,
        )

    def take(self, number: int) -> list[SourceFrame]:
        """Return the next frames of a live source, and leave it."""
        frames = list(itertools.islice(filter(None, self.source), number))
        self.source.close()
        return frames

    def all(self) -> list[SourceFrame]:
        return list(filter(None, self.source))


@pytest.fixture
def camera(footage: Footage) -> Iterator[HttpCamera]:
    with HttpCamera(footage.jpegs).running() as camera:
        yield camera


def test_a_file_is_seen_five_times_a_second_at_its_own_times(footage: Footage) -> None:
    frames = Opened(str(footage.video), started_at=START).all()

    assert len(frames) == pytest.approx(footage.seconds * 5, abs=1)
    assert frames[0].at == START
    assert frames[5].at == START + timedelta(seconds=1)
    assert [frame.number for frame in frames] == list(range(len(frames)))
    assert frames[0].thumbnail.shape == (120, THUMBNAIL_WIDTH)
    assert frames[0].picture().size == (640, 480)


def test_a_file_without_a_time_has_just_ended(footage: Footage) -> None:
    clock = AgentClock()

    last = Opened(str(footage.video), rate=2.0).all()[-1]

    assert timedelta(0) <= clock.now() - last.at < timedelta(minutes=1)


@pytest.mark.parametrize("content", [b"", b"no video", b"\xff\xd8\xff" + bytes(100)])
def test_what_is_no_video_is_said(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "door.mp4").write_bytes(content)

    with pytest.raises(SourceLost):
        Opened(str(tmp_path / "door.mp4")).all()


def test_a_video_that_is_cut_short_is_seen_as_far_as_it_goes(tmp_path: Path) -> None:
    stream = tmp_path / "door.ts"
    write_video(stream, frames_of(walks_of([])))
    whole = stream.read_bytes()
    stream.write_bytes(whole[: len(whole) // 2])

    assert len(Opened(str(stream)).all()) > 5


def test_mjpeg_is_a_stream(camera: HttpCamera) -> None:
    frames = Opened(f"{camera.url}/video").take(4)

    assert [frame.number for frame in frames] == sorted({frame.number for frame in frames})
    assert frames[0].picture().size == (640, 480)
    assert camera.connections == 1


def test_a_snapshot_is_asked_for_again_and_again(camera: HttpCamera) -> None:
    opened = Opened(f"{camera.url}/snapshot", rate=20.0)

    frames = opened.take(3)

    assert frames[0].picture().size == (640, 480)
    assert camera.connections >= 3


def test_a_snapshot_that_never_ends_is_a_lost_one(footage: Footage) -> None:
    with endless("200 OK\r\nContent-Type: image/jpeg", footage.jpegs[0][:-2]) as url:
        opened = Opened(f"{url}/snapshot", once=True, silence=1.0)

        assert len(opened.all()) <= 1


@pytest.mark.parametrize("transport", ["tcp", "udp"])
def test_rtsp(footage: Footage, transport: Transport, processes: None) -> None:
    with RtspCamera(footage.video).running() as camera:
        frames = Opened(camera.url, transport=transport).take(5)

    assert frames[0].picture().size == (640, 480)
    assert all(a.at < b.at for a, b in itertools.pairwise(frames))


def test_rtsp_with_a_password(footage: Footage, processes: None) -> None:
    with RtspCamera(footage.video, "admin:s3cret").running() as camera:
        address = parse_source(camera.url)
        wrong = Opened(address.signed_in("admin", "wr0ng"), once=True)

        assert wrong.all() == []
        assert len(Opened(address.signed_in("admin", "s3cret")).take(2)) == 2
        assert "wr0ng" not in "".join(wrong.lines)


def test_http_with_a_password(footage: Footage) -> None:
    with HttpCamera(footage.jpegs, user="admin:p@ss").running() as camera:
        address = parse_source(f"{camera.url}/video")

        assert len(Opened(address.signed_in("admin", "p@ss")).take(2)) == 2
        assert Opened(address, once=True).all() == []


def test_a_stream_that_breaks_off_is_connected_again(footage: Footage) -> None:
    camera = HttpCamera(footage.jpegs)
    opened = Opened(f"{camera.url}/video")
    frames = filter(None, opened.source)
    with camera.running():
        next(frames)
    with camera.running():
        next(frames)
        next(frames)
        opened.source.close()

    assert opened.counts.lost >= 1
    assert any("tried again" in line for line in opened.lines)


def test_nobody_is_told_the_password_of_a_camera_that_is_not_there() -> None:
    address = parse_source(f"rtsp://127.0.0.1:{free_port()}/door").signed_in("admin", "s3cret")
    opened = Opened(address)

    while opened.counts.lost < 1:
        assert next(iter(opened.source)) is None
    opened.source.close()

    assert "refused" in "".join(opened.lines)
    assert "s3cret" not in "".join(opened.lines)


def test_a_folder_is_read_in_the_order_of_its_files(footage: Footage, tmp_path: Path) -> None:
    for number, name in enumerate(("b.jpg", "a.jpg", "c.jpg")):
        (tmp_path / name).write_bytes(footage.jpegs[number])
        os.utime(tmp_path / name, (1000 + number, 1000 + number))
    (tmp_path / "d.jpg").write_bytes(b"\xff\xd8\xff broken")
    (tmp_path / "notes.txt").write_text("no picture")
    opened = Opened(str(tmp_path), once=True)

    frames = opened.all()

    assert [frame.at.timestamp() for frame in frames] == [1000, 1001, 1002]
    assert len(opened.lines) == 1
    assert "d.jpg" in opened.lines[0]


def test_what_a_camera_puts_into_a_folder_is_seen(footage: Footage, tmp_path: Path) -> None:
    (tmp_path / "before.jpg").write_bytes(footage.jpegs[0])
    opened = Opened(str(tmp_path))
    frames = iter(opened.source)
    assert next(frames) is None  # it is being watched

    (tmp_path / "new.jpg").write_bytes(footage.jpegs[1])
    frame = next(filter(None, frames))
    opened.source.close()

    assert frame.number == 0
    assert frame.at.timestamp() == pytest.approx((tmp_path / "new.jpg").stat().st_mtime)
