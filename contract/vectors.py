"""Face vectors on the wire: n×d little-endian float32, rows one after the other, no header.

512 bytes a face with a 128-dimensional model. The HTTP header `X-Face-Model` names the model that
made them: vectors of different models never meet. Where a second model's vectors of the same n
faces come along, they follow those of the first, and the header names both: `first, second`.
"""

import base64
import binascii

import numpy as np
from numpy.typing import NDArray

from contract.errors import BadVectors

Vectors = NDArray[np.float32]
"""float32, shape (n, d)."""
Vector = NDArray[np.float32]
"""float32, shape (d,)."""

CONTENT_TYPE = "application/x-face-vectors"
MOST_VECTORS = 256
"""Faces in one search or minting: whoever has more asks several times."""
MODEL_HEADER = "X-Face-Model"

BOTH_MODELS = ", "
"""Between the names of two models in the header: whoever knows one model alone refuses both."""

_LONGEST = 1e6
"""Length of a vector that no model gives: beyond it float32 would not do."""
_WIRE = np.dtype("<f4")


def pack(vectors: Vectors) -> bytes:
    """Return the wire form of `vectors`, float32 of shape (n, d) or (d,)."""
    return np.ascontiguousarray(vectors, dtype=_WIRE).tobytes()


def unpack(body: bytes, dimension: int) -> Vectors:
    """Return the (n, `dimension`) float32 vectors in `body`.

    Raises BadVectors when the length does not fit or a value is not finite.
    """
    row = dimension * _WIRE.itemsize
    if not body or len(body) % row:
        raise BadVectors(f"{len(body)} bytes are not a positive number of rows of {row} bytes")
    vectors = np.frombuffer(body, dtype=_WIRE).reshape(-1, dimension).astype(np.float32)
    if not np.isfinite(vectors).all():
        raise BadVectors("a vector has a value that is not finite")
    return vectors


def to_text(vector: Vector) -> str:
    """Return one vector as base64 text, for the JSON between shard and gateway."""
    return base64.b64encode(pack(vector)).decode("ascii")


def optional_text(vector: Vector | None) -> str | None:
    """Return a vector as base64 text, if there is one."""
    return None if vector is None else to_text(vector)


def body_of(text: str) -> bytes:
    """Return the wire form of vectors that came as base64 text. Raises BadVectors."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadVectors("not base64") from error


def from_text(text: str) -> Vector:
    """Return the float32 vector of shape (d,) in base64 `text`; the text's length decides d.

    Raises BadVectors when the text is not base64 of finite float32 values.
    """
    body = body_of(text)
    if len(body) % _WIRE.itemsize:
        raise BadVectors(f"{len(body)} bytes are not whole float32 values")
    vector: Vector = unpack(body, max(1, len(body) // _WIRE.itemsize))[0]
    return vector


def to_unit_length(vectors: Vectors) -> Vectors:
    """Return finite vectors, (n, d), at unit length. Raises BadVectors where there is none."""
    lengths = np.sqrt(np.square(vectors, dtype=np.float64).sum(axis=1, keepdims=True))
    if not lengths.all() or lengths.max() > _LONGEST:
        raise BadVectors("a vector has no direction, or a length that no model gives")
    unit: Vectors = (vectors / lengths).astype(np.float32)
    return unit
