"""Video as FFmpeg reads it: files, RTSP, MJPEG, snapshots and webcams. The one module of PyAV."""

import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import count

import av
import numpy as np
from av.codec.hwaccel import HWAccel
from av.container import InputContainer
from av.video.frame import VideoFrame
from numpy.typing import NDArray
from PIL import Image

from facegate.camera.sources.frame import THUMBNAIL_WIDTH, SourceFrame
from facegate.camera.sources.source_address import SourceAddress
from facegate.camera.sources.source_lost import SourceLost
from facegate.camera.sources.source_options import SourceOptions

Now = Callable[[], datetime]
"""Returns the time in UTC."""


def read_file(address: SourceAddress, options: SourceOptions, now: Now) -> Iterator[SourceFrame]:
    """Yield frames of a video file, as many a second as are looked at, each at its own moment.

    Raises SourceLost when it is no video.
    """
    with _open(address, options) as container:
        length = timedelta(microseconds=container.duration or 0)
        began = options.started_at or now() - length
        first, due, numbers = None, 0.0, count()
        for picture in _pictures(container):
            first = picture.time if first is None else first
            at = (picture.time or 0.0) - (first or 0.0)
            if at >= due:
                due = max(due, at - 1 / options.stream_rate) + 1 / options.stream_rate
                yield _frame(picture, next(numbers), began + timedelta(seconds=at))
        if first is None:
            raise SourceLost("no picture in it can be read")


def read_live(
    address: SourceAddress, options: SourceOptions, now: Now, numbers: Iterator[int]
) -> Iterator[SourceFrame]:
    """Yield what a camera shows now, until the connection ends. Raises SourceLost.

    What is one picture and no stream is asked for again and again.
    """
    due = time.monotonic()
    while True:
        with _open(address, options) as container:
            is_snapshot = container.format.name.endswith("_pipe")
            rate = options.snapshot_rate if is_snapshot else options.stream_rate
            for picture in _pictures(container):
                if time.monotonic() >= due:
                    due = max(due, time.monotonic() - 1 / rate) + 1 / rate
                    yield _frame(picture, next(numbers), now())
        if not is_snapshot:
            return
        time.sleep(max(0.0, due - time.monotonic()))


def _open(address: SourceAddress, options: SourceOptions) -> InputContainer:
    """Return a source that is open. Raises SourceLost.

    What FFmpeg says has the address in it, and so perhaps a password: only the reason is kept.
    """
    name, form, chosen = _ffmpeg_names(address, options)
    hardware = None
    if options.hardware is not None:
        hardware = HWAccel(options.hardware, allow_software_fallback=True)
    try:
        return av.open(
            name,
            format=form,
            options=chosen,
            timeout=options.silence if address.is_live else None,
            hwaccel=hardware,
        )
    except (av.FFmpegError, OSError, ValueError) as error:
        raise SourceLost(_reason(error)) from None


def _ffmpeg_names(
    address: SourceAddress, options: SourceOptions
) -> tuple[str, str | None, dict[str, str]]:
    if address.kind == "rtsp":
        return address.opened, "rtsp", {"rtsp_transport": options.transport}
    if address.kind == "webcam":
        if sys.platform == "darwin":
            return address.opened, "avfoundation", {"framerate": "30"}
        return f"/dev/video{address.opened}", "v4l2", {}
    return address.opened, None, {}


def _pictures(container: InputContainer) -> Iterator[VideoFrame]:
    """Yield the pictures of the first video stream; what is broken in between is passed over."""
    if not container.streams.video:
        raise SourceLost("there is no video in it")
    stream = container.streams.video[0]
    stream.thread_type = "AUTO"
    try:
        for packet in container.demux(stream):
            try:
                yield from packet.decode()
            except av.error.InvalidDataError:
                continue
    except (av.FFmpegError, OSError) as error:
        raise SourceLost(_reason(error)) from None


def _frame(picture: VideoFrame, number: int, at: datetime) -> SourceFrame:
    return SourceFrame(number, at, _thumbnail(picture), lambda: _whole(picture))


def _thumbnail(picture: VideoFrame) -> NDArray[np.uint8]:
    height = max(1, round(picture.height * THUMBNAIL_WIDTH / picture.width))
    small = picture.reformat(THUMBNAIL_WIDTH, height, "gray", interpolation="AREA")
    return np.asarray(small.to_ndarray(), np.uint8)


def _whole(picture: VideoFrame) -> Image.Image:
    """Return a picture in RGB, turned as the video says: telephones film on their sides."""
    image = Image.fromarray(picture.to_ndarray(format="rgb24"))
    turn = getattr(picture, "rotation", 0)
    return image.rotate(turn, expand=True) if turn else image


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or type(error).__name__
