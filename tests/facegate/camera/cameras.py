"""Cameras made by hand, on real sockets: MJPEG, snapshots and RTSP."""

import base64
import contextlib
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.ports import free_port

SYSTEM_PYTHON = Path("/usr/bin/python3")
"""Debian's, for which its GStreamer has bindings."""
_RTSP_SERVER = Path(__file__).with_name("rtsp_server.py")


class HttpCamera:
    """A camera that shows JPEG files, over and over: as a stream, or one a request.

    `/video` is MJPEG, `/snapshot` one picture. It can be cut off, and starts again where it was.
    """

    def __init__(self, jpegs: Sequence[bytes], rate: float = 15.0, user: str | None = None) -> None:
        self.jpegs = jpegs
        self.pause = 1 / rate
        self.user = user
        self.connections = 0
        self.shown = 0
        self.port = free_port()
        self.is_over = threading.Event()
        """Set when every picture was shown; the stream goes on with the last one."""
        self._server: ThreadingHTTPServer | None = None
        self._thread: threading.Thread | None = None
        self._is_off = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        self._is_off.clear()
        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    def stop(self) -> None:
        if self._server is not None and self._thread is not None:
            self._is_off.set()
            self._server.shutdown()
            self._server.server_close()
            self._thread.join()
            self._server = None

    @contextlib.contextmanager
    def running(self) -> Iterator["HttpCamera"]:
        self.start()
        try:
            yield self
        finally:
            self.stop()

    def next(self) -> bytes:
        """Return the picture that is shown now."""
        jpeg = self.jpegs[min(self.shown, len(self.jpegs) - 1)]
        self.shown += 1
        if self.shown > len(self.jpegs):
            self.is_over.set()
        return jpeg

    def wait(self) -> bool:
        """Wait for the next picture; say whether the camera is off."""
        return self._is_off.wait(self.pause)


def _handler(camera: HttpCamera) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            camera.connections += 1
            said = self.headers.get("Authorization", "").removeprefix("Basic ")
            if camera.user is not None and base64.b64decode(said).decode() != camera.user:
                self.send_response(401)
                self.send_header("WWW-Authenticate", 'Basic realm="camera"')
                self.end_headers()
            elif self.path == "/snapshot":
                self._send(camera.next())
            else:
                self._stream()

        def _send(self, jpeg: bytes) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "image/jpeg")
            self.send_header("Content-Length", str(len(jpeg)))
            self.end_headers()
            self.wfile.write(jpeg)

        def _stream(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
            self.end_headers()
            with contextlib.suppress(OSError):
                while not camera.wait():
                    jpeg = camera.next()
                    size = f"Content-Length: {len(jpeg)}\r\n\r\n".encode()
                    head = b"--frame\r\nContent-Type: image/jpeg\r\n" + size
                    self.wfile.write(head + jpeg + b"\r\n")

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as inherited
            """Keep quiet."""

    return Handler


@cache
def _has_rtsp_server() -> bool:
    if sys.platform != "linux" or not SYSTEM_PYTHON.exists():
        return False
    command = [str(SYSTEM_PYTHON), str(_RTSP_SERVER), "--check"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


class RtspCamera:
    """GStreamer's RTSP server, which shows a video from its beginning to each who connects."""

    def __init__(self, video: Path, user: str | None = None) -> None:
        if not _has_rtsp_server():
            pytest.skip("needs GStreamer's RTSP server for Python: gir1.2-gst-rtsp-server-1.0")
        self.port = free_port()
        self.url = f"rtsp://127.0.0.1:{self.port}/door"
        self._command = [str(SYSTEM_PYTHON), str(_RTSP_SERVER), str(video), str(self.port)]
        if user is not None:
            self._command.append(user)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(self._command, stdout=subprocess.PIPE)
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == b"ready\n"

    def kill(self) -> None:
        if self._process is not None and self._process.stdout is not None:
            self._process.kill()
            self._process.wait()
            self._process.stdout.close()
            self._process = None

    @contextlib.contextmanager
    def running(self) -> Iterator["RtspCamera"]:
        self.start()
        try:
            yield self
        finally:
            self.kill()
