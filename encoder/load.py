"""Which encoder a name stands for."""

from typing import Literal

from encoder.interface import Encoder
from encoder.picture_limits import PictureLimits

Backend = Literal["dlib", "face_recognition"]


def load_encoder(backend: Backend = "dlib", limits: PictureLimits | None = None) -> Encoder:
    """Return a loaded encoder; takes about half a second. Raises ConfigurationError.

    A backend's libraries are imported when it is chosen, so that a process that only hands pictures
    to workers stays small.
    """
    limits = limits or PictureLimits()
    if backend == "dlib":
        from encoder.dlib_encoder import DlibEncoder

        return DlibEncoder(limits)
    from encoder.face_recognition_encoder import FaceRecognitionEncoder

    return FaceRecognitionEncoder(limits)
