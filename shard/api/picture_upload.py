"""Pictures and vectors in request bodies: raw, or in a multipart form."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from starlette.requests import Request

from contract.errors import BadRequest, BadVectors, EmptyPicture
from contract.vectors import (
    BOTH_MODELS,
    CONTENT_TYPE,
    MODEL_HEADER,
    MOST_VECTORS,
    Vectors,
    to_unit_length,
    unpack,
)
from encoder import VectorModel
from service.http.multipart_form import IMAGE, Parts, is_multipart
from shard.recognition.vector_models import dimension_of

MOST_PICTURES = 10
"""Frames of one person in one request."""
_BINARY: dict[str, Any] = {"type": "string", "format": "binary"}


class PictureUpload:
    """A body's pictures in their order, and the text fields beside them.

    `found` describes the body, for error messages.
    """

    def __init__(self, pictures: list[bytes], fields: dict[str, str], found: str) -> None:
        self.pictures = pictures
        self.fields = fields
        self.found = found


async def read_upload(request: Request, names: frozenset[str] = IMAGE) -> PictureUpload:
    """Return the body's form; a body that is not multipart is one picture.

    Parts called one of `names` are the pictures, with or without a filename. Raises BadRequest.
    """
    content_type = request.headers.get("content-type", "")
    body = await request.body()
    if not is_multipart(content_type):
        return PictureUpload([body], {}, "the body is one picture" if body else "the body is empty")
    parts = Parts.of(content_type, body)
    return PictureUpload(parts.pictures(names), parts.fields(names), parts.found)


def all_pictures(upload: PictureUpload) -> list[bytes]:
    """Return the form's pictures, frames of one person. Raises EmptyPicture and BadRequest."""
    if not upload.pictures:
        raise EmptyPicture(f"send the picture as the body or as a form's `image`: {upload.found}")
    if not all(upload.pictures):
        raise EmptyPicture(f"a picture has no bytes: {upload.found}")
    if len(upload.pictures) > MOST_PICTURES:
        raise BadRequest(f"{len(upload.pictures)} pictures; at most {MOST_PICTURES} in one request")
    return upload.pictures


def single_picture(upload: PictureUpload) -> bytes:
    """Return the form's picture. Raises EmptyPicture and BadRequest when it is not exactly one."""
    pictures = all_pictures(upload)
    if len(pictures) > 1:
        raise BadRequest(f"one `image` is expected: {upload.found}")
    return pictures[0]


class SentVectors(NamedTuple):
    """Vectors at unit length, float32 (n, d), and the model that made them.

    `second` are a second model's of the same faces, where they came along.
    """

    model: str
    vectors: Vectors
    second: Vectors | None = None


async def read_vectors(request: Request, models: Sequence[VectorModel]) -> SentVectors:
    """Return the body's face vectors, which one of the `models` has made.

    Raises ModelMismatch when another one has, BadRequest and BadVectors.
    """
    given = _given_models(request)
    dimension = dimension_of(given, models)
    return SentVectors(given, unit_vectors(await request.body(), dimension))


async def read_vector_pairs(request: Request, models: Sequence[VectorModel]) -> SentVectors:
    """Return the body's face vectors of one of the `models`, or of both.

    Raises ModelMismatch when other models made them, BadRequest and BadVectors.
    """
    both = BOTH_MODELS.join(model.model for model in models)
    if len(models) < 2 or _given_models(request) != both:
        return await read_vectors(request, models)
    body = await request.body()
    first, second = (model.dimension for model in models)
    if len(body) % (first + second):
        raise BadVectors(f"{len(body)} bytes are not vectors of two models")
    end = len(body) // (first + second) * first
    return SentVectors(
        models[0].model, unit_vectors(body[:end], first), unit_vectors(body[end:], second)
    )


def _given_models(request: Request) -> str:
    given = request.headers.get(MODEL_HEADER)
    if given is None:
        raise BadRequest(f"the header {MODEL_HEADER} must name the model of the vectors")
    return given


def unit_vectors(body: bytes, dimension: int) -> Vectors:
    """Return the vectors of a body, brought to unit length. Raises BadVectors."""
    vectors = unpack(body, dimension)
    if len(vectors) > MOST_VECTORS:
        raise BadVectors(f"{len(vectors)} vectors; at most {MOST_VECTORS} at once")
    return to_unit_length(vectors)


def picture_body(images: int = 1, **fields: str) -> dict[str, Any]:
    """Return what OpenAPI says about a body with pictures; `fields` are further ones of a form."""
    image = _BINARY if images == 1 else {"type": "array", "items": _BINARY, "minItems": images}
    texts = {name: {"type": "string", "description": what} for name, what in fields.items()}
    form = {"type": "object", "required": ["image"], "properties": {"image": image, **texts}}
    content: dict[str, Any] = {"multipart/form-data": {"schema": form}}
    if images == 1:
        content |= {"image/*": {"schema": _BINARY}, "application/octet-stream": {"schema": _BINARY}}
    return {"requestBody": {"required": True, "content": content}}


VECTORS_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "n×d little-endian float32",
        "content": {CONTENT_TYPE: {"schema": _BINARY}},
    },
    "parameters": [
        {
            "name": MODEL_HEADER,
            "in": "header",
            "required": True,
            "description": "the model that made the vectors",
            "schema": {"type": "string"},
        }
    ],
}
"""What OpenAPI says about a body of face vectors."""
