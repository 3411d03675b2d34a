"""The protocol between a worker process and its parent: JSON, one object a line.

No pickle: a worker reads hostile pictures, and what it says must never run in its parent.
"""

import json
from collections.abc import Sequence
from dataclasses import astuple
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, cast

from contract.errors import (
    BodyTooLarge,
    BrokenPicture,
    EmptyPicture,
    FacegateError,
    TooManyPixels,
    UnsupportedPicture,
)
from contract.stores.detection import Detection, Detector, Rotation
from contract.stores.region import Region
from contract.vectors import Vector, from_text, optional_text, to_text
from encoder.face import Face, FaceBox, FaceQuality, SecondVectors
from encoder.interface import Encoder, VectorModel
from encoder.load.encoder import EncoderChoice, NetworkChoice
from encoder.picture.limits import PictureLimits

READY = "ready"
"""The models are loaded; `model`, `dimension` and `second` are beside it."""
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


def start_text(choice: EncoderChoice, limits: PictureLimits) -> str:
    """Return the argument with which a worker is started."""
    chosen = choice.model, choice.cache, choice.detector
    paths = [None if path is None else str(path) for path in chosen]
    second = choice.second and [choice.second.path and str(choice.second.path)]
    others = choice.providers, second, choice.cnn_share
    return json.dumps([choice.backend, *paths, *others, *astuple(limits)])


def start_of(text: str) -> tuple[EncoderChoice, PictureLimits]:
    """Return what a worker is started with."""
    backend, model, cache, detector, providers, second, cnn_share, *limits = json.loads(text)
    choice = EncoderChoice(
        backend,
        model and Path(model),
        cache and Path(cache),
        detector and Path(detector),
        tuple(providers),
        second and NetworkChoice(second[0] and Path(second[0])),
        cnn_share,
    )
    return choice, PictureLimits(*limits)


def ready_message(encoder: Encoder) -> dict[str, Any]:
    """Return the message that an encoder is loaded."""
    said = {READY: True, "model": encoder.model, "dimension": encoder.dimension}
    return {**said, "second": encoder.second}


def models_of(ready: dict[str, Any]) -> tuple[VectorModel, VectorModel | None]:
    """Return the models of an encoder that is loaded: the first, and the second if it has one."""
    second = ready["second"]
    first = VectorModel(ready["model"], ready["dimension"])
    return first, None if second is None else VectorModel(*second)


class EncodeRequest(NamedTuple):
    """A picture, how its faces are looked for, and whether the largest is to be enrolled."""

    picture: bytes
    detection: Detection
    to_enroll: bool


def request_line(request: EncodeRequest) -> bytes:
    """Return the line that announces a picture, which follows."""
    picture, detection, to_enroll = request
    points = detection.region and detection.region.points
    options = [detection.detector, detection.min_face_px, detection.rotate, points]
    return to_line({"size": len(picture), "detection": options, "to_enroll": to_enroll})


def read_request(requests: BinaryIO) -> EncodeRequest | None:
    """Return the next request; None when they end, or in the middle of one: the parent died.

    Requests come from the parent, which is trusted.
    """
    if not (line := requests.readline()):
        return None
    message = from_line(line)
    picture = requests.read(message["size"])
    if len(picture) < message["size"]:
        return None
    detector, min_face_px, rotate, points = message["detection"]
    region = points and Region(tuple((x, y) for x, y in points))
    detection = Detection(cast(Detector, detector), min_face_px, cast(Rotation, rotate), region)
    return EncodeRequest(picture, detection, message["to_enroll"])


def answer_with_faces(faces: list[Face]) -> dict[str, Any]:
    """Return the message that a picture shows these faces."""
    return {"faces": [_described(face) for face in faces]}


def _described(face: Face) -> list[Any]:
    others = [optional_text(other) for other in (face.plain, face.template)]
    second = face.second and [
        to_text(face.second.vector),
        optional_text(face.second.template),
    ]
    return [face.box, face.confidence, face.quality, to_text(face.vector), *others, second]


def _optional_vector(text: str | None) -> Vector | None:
    return None if text is None else from_text(text)


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
        Face(
            FaceBox(*map(int, box)),
            from_text(vector),
            float(confidence),
            _quality(quality),
            _optional_vector(plain),
            _optional_vector(template),
            second and SecondVectors(from_text(second[0]), _optional_vector(second[1])),
        )
        for box, confidence, quality, vector, plain, template, second in answer["faces"]
    ]


def _quality(said: Sequence[Any]) -> FaceQuality:
    width, sharpness, light, yaw, pitch, roll, frontal = said
    return FaceQuality(
        width=int(width),
        sharpness=float(sharpness),
        light=float(light),
        yaw=float(yaw),
        pitch=float(pitch),
        roll=float(roll),
        frontal=bool(frontal),
    )
