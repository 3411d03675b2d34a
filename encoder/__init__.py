"""Picture in, faces with vectors out. No network, no database."""

from encoder.face import Face, FaceBox, FaceQuality, SecondVectors
from encoder.interface import AsyncEncoder, Encoder, VectorModel
from encoder.lent_encoder import LentEncoder
from encoder.load.encoder import Backend, EncoderChoice, NetworkChoice, load_encoder
from encoder.picture.limits import PictureLimits
from encoder.workers.pool import EncoderPool
from service.one_thread import use_one_thread

use_one_thread()

__all__ = [
    "AsyncEncoder",
    "Backend",
    "Encoder",
    "EncoderChoice",
    "EncoderPool",
    "Face",
    "FaceBox",
    "FaceQuality",
    "LentEncoder",
    "NetworkChoice",
    "PictureLimits",
    "SecondVectors",
    "VectorModel",
    "load_encoder",
]
