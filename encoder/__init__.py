"""Picture in, faces with vectors out. No network, no database."""

from encoder.face import Face, FaceBox
from encoder.interface import AsyncEncoder, Encoder

__all__ = ["AsyncEncoder", "Encoder", "Face", "FaceBox"]
