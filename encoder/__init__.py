"""Picture in, faces with vectors out. No network, no database."""

from contract.one_thread import use_one_thread
from encoder.face import Face, FaceBox, FaceLook
from encoder.interface import AsyncEncoder, Encoder
from encoder.load import Backend, EncoderChoice, load_encoder
from encoder.picture_limits import PictureLimits
from encoder.pool import EncoderPool

use_one_thread()

__all__ = [
    "AsyncEncoder",
    "Backend",
    "Encoder",
    "EncoderChoice",
    "EncoderPool",
    "Face",
    "FaceBox",
    "FaceLook",
    "PictureLimits",
    "load_encoder",
]
