"""Pictures and vectors in request bodies: raw, or in a multipart form."""

from typing import Any

import numpy as np
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from contract.errors import BadRequest, BadVectors, EmptyPicture, ModelMismatch
from contract.vectors import CONTENT_TYPE, MODEL_HEADER, MOST_VECTORS, Vectors, unpack

_LONGEST = 1e6
_MAX_FIELDS = 10
_BINARY: dict[str, Any] = {"type": "string", "format": "binary"}


class _InMemory(MultiPartParser):
    """Keeps files in memory: no picture touches the disk. BodyGuard limits the whole body."""

    spool_max_size = 2**40


class Form:
    """A multipart body: its pictures in their order, and its text fields."""

    def __init__(self, pictures: list[bytes], fields: dict[str, str]) -> None:
        self.pictures = pictures
        self.fields = fields


async def read_form(request: Request, names: frozenset[str] = frozenset({"image"})) -> Form:
    """Return the body's form; a body that is no form is one picture.

    Parts called one of `names` are the pictures. Raises BadRequest.
    """
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        return Form([await request.body()], {})
    parser = _InMemory(
        request.headers, request.stream(), max_files=_MAX_FIELDS, max_fields=_MAX_FIELDS
    )
    try:
        data = await parser.parse()
    except MultiPartException as error:
        raise BadRequest(error.message) from error
    pictures: list[bytes] = []
    fields: dict[str, str] = {}
    for name, value in data.multi_items():
        if isinstance(value, str):
            fields[name] = value
        elif name in names:
            pictures.append(value.file.read())
    await data.close()
    return Form(pictures, fields)


def all_pictures(form: Form) -> list[bytes]:
    """Return the form's pictures, frames of one person. Raises EmptyPicture."""
    if not form.pictures or not all(form.pictures):
        raise EmptyPicture("send the picture as the body, or as the file `image` of a form")
    return form.pictures


def only_picture(form: Form) -> bytes:
    """Return the form's picture. Raises EmptyPicture and BadRequest when it is not exactly one."""
    pictures = all_pictures(form)
    if len(pictures) > 1:
        raise BadRequest("one `image` is expected")
    return pictures[0]


async def read_vectors(request: Request, model: str, dimension: int) -> Vectors:
    """Return the body's face vectors, float32 of shape (n, `dimension`), at unit length.

    Raises ModelMismatch when another model made them, BadRequest and BadVectors.
    """
    given = request.headers.get(MODEL_HEADER)
    if given is None:
        raise BadRequest(f"the header {MODEL_HEADER} must name the model of the vectors")
    if given != model:
        raise ModelMismatch(f"the vectors are of model {given[:100]!r}, this store's of {model!r}")
    vectors = unpack(await request.body(), dimension)
    if len(vectors) > MOST_VECTORS:
        raise BadVectors(f"{len(vectors)} vectors; at most {MOST_VECTORS} at once")
    lengths = np.sqrt(np.square(vectors, dtype=np.float64).sum(axis=1, keepdims=True))
    if not lengths.all() or lengths.max() > _LONGEST:
        raise BadVectors("a vector has no direction, or a length that no model gives")
    unit: Vectors = (vectors / lengths).astype(np.float32)
    return unit


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
