"""The cameras as their page shows them: store by store, and sums."""

from collections.abc import Sequence
from itertools import groupby
from typing import Literal

from contract.messages.cameras.camera_status import CameraStatus
from gateway.camera_watch.camera_hints import frames_without_faces

State = Literal["sending", "missed", "never"]


class CamerasView:
    """All cameras, and the sums over them."""

    def __init__(self, cameras: Sequence[CameraStatus]) -> None:
        """`cameras` are store by store."""
        self.stores = [
            (store, list(of_store)) for store, of_store in groupby(cameras, lambda c: c.store)
        ]
        self.count = len(cameras)
        self.missed = [camera for camera in cameras if camera.silent]
        self.sending = sum(self.state(camera) == "sending" for camera in cameras)
        self.frames = sum(camera.frames for camera in cameras)
        self.faces = sum(camera.faces for camera in cameras)
        self.unfit = sum(sum(camera.unfit.values()) for camera in cameras)

    @staticmethod
    def state(camera: CameraStatus) -> State:
        """Return how a camera is, in one word."""
        if camera.last_at is None:
            return "never"
        return "missed" if camera.silent else "sending"

    @staticmethod
    def without_faces(camera: CameraStatus) -> int:
        """Return in how many frames nobody was to be seen."""
        return frames_without_faces(camera)

    @staticmethod
    def clock(camera: CameraStatus) -> str:
        """Return by how much its clock is ahead, with a sign: hours, minutes and seconds."""
        ahead = round(camera.clock_ahead_seconds or 0)
        minutes, seconds = divmod(abs(ahead), 60)
        return f"{'+' if ahead > 0 else '−'}{minutes // 60}:{minutes % 60:02}:{seconds:02}"
