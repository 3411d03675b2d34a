"""Which encoder a name stands for."""

from typing import Literal, get_args

from contract.errors import ConfigurationError
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
    if backend == "face_recognition":
        from encoder.face_recognition_encoder import FaceRecognitionEncoder

        return FaceRecognitionEncoder(limits)
    raise ConfigurationError(f"there is no encoder {backend!r}; known are {get_args(Backend)}")
