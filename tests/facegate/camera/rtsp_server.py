"""An RTSP server of one video, by GStreamer: a program for the system's own Python.

    python3 rtsp_server.py VIDEO PORT [USER:PASSWORD]

Prints `ready` when it listens. With `--check` it says by its exit code whether it could run.
"""

import sys
from typing import Any

try:
    import gi

    gi.require_version("Gst", "1.0")
    gi.require_version("GstRtspServer", "1.0")
    from gi.repository import GLib, Gst, GstRtspServer
except (ImportError, ValueError):
    sys.exit(3)

_PIPELINE = (
    "( filesrc location={} ! qtdemux ! h264parse ! rtph264pay name=pay0 pt=96 config-interval=1 )"
)
_NEEDED = ("qtdemux", "h264parse", "rtph264pay")


def _ask_for(server: Any, user: str) -> None:
    """Let nobody see the video but `user`."""
    name, _, password = user.partition(":")
    token = GstRtspServer.RTSPToken()
    token.set_string("media.factory.role", name)
    auth = GstRtspServer.RTSPAuth()
    auth.add_basic(GstRtspServer.RTSPAuth.make_basic(name, password), token)
    server.set_auth(auth)


def main() -> None:
    Gst.init(None)
    if any(Gst.ElementFactory.find(name) is None for name in _NEEDED):
        sys.exit(3)
    if sys.argv[1] == "--check":
        return
    video, port, *users = sys.argv[1:]
    server = GstRtspServer.RTSPServer.new()
    server.set_address("127.0.0.1")
    server.set_service(port)
    factory = GstRtspServer.RTSPMediaFactory.new()
    factory.set_launch(_PIPELINE.format(video))
    for user in users:
        _ask_for(server, user)
        name = user.partition(":")[0]
        factory.add_role_from_structure(
            Gst.Structure.from_string(
                f"{name}, media.factory.access=(boolean)true, media.factory.construct=(boolean)true"
            )[0]
        )
    server.get_mount_points().add_factory("/door", factory)
    server.attach(None)
    print("ready", flush=True)
    GLib.MainLoop().run()


main()
