"""What a worker tells its parent: JSON, one object a line.

No pickle: a worker reads hostile pictures, and what it says must never run in its parent.
"""

import json
from typing import Any

from contract.errors import (
    BodyTooLarge,
    BrokenPicture,
    EmptyPicture,
    FacegateError,
    TooManyPixels,
    UnsupportedPicture,
)
from contract.vectors import from_text, to_text
from encoder.face import Face, FaceBox

READY = "ready"
"""The models are loaded; `model` and `dimension` are beside it."""
FAILED = "failed"
"""The models cannot be loaded; the value says why."""
TAKEN = "taken"
"""A picture has arrived whole; whatever happens from here on is that picture's doing."""

_REFUSALS: dict[str, type[FacegateError]] = {
    kind.code: kind
    for kind in (BodyTooLarge, BrokenPicture, EmptyPicture, TooManyPixels, UnsupportedPicture)
}


def to_line(message: dict[str, Any]) -> bytes:
    """Return a message as a line."""
    return json.dumps(message).encode() + b"\n"


def from_line(line: bytes) -> dict[str, Any]:
    """Return the message in a line. Raises ValueError when there is none."""
    message = json.loads(line)
    if not isinstance(message, dict):
        raise ValueError("not a message")
    return message


def answer_with_faces(faces: list[Face]) -> dict[str, Any]:
    """Return the message that a picture shows these faces."""
    return {"faces": [[face.box, face.quality, to_text(face.vector)] for face in faces]}


def answer_with_refusal(error: FacegateError) -> dict[str, Any]:
    """Return the message that a picture is refused."""
    return {"refused": error.code, "detail": error.detail}


def faces_of(answer: dict[str, Any]) -> list[Face]:
    """Return the faces that an answer carries, or raise the refusal that it carries.

    Raises KeyError, TypeError, ValueError or BadVectors when the answer makes no sense.
    """
    if "refused" in answer:
        raise _REFUSALS[answer["refused"]](str(answer["detail"]))
    return [
        Face(FaceBox(*map(int, box)), from_text(vector), float(quality))
        for box, quality, vector in answer["faces"]
    ]
