"""How requests bring pictures: as the raw body, or in a form. Both are passed on untouched."""

from typing import Any

from fastapi import Request

from gateway.chain.shard_request import Picture
from service.http.multipart_form import Parts, is_multipart

_BINARY: dict[str, Any] = {"schema": {"type": "string", "format": "binary"}}


async def read_picture(request: Request) -> Picture:
    """Return the body and its content type; the limits on it are BodyLimits's."""
    return Picture(await request.body(), request.headers.get("content-type", ""))


async def form_fields(request: Request) -> dict[str, str]:
    """Return the text fields of a body that is a form. Raises BadRequest."""
    content_type = request.headers.get("content-type", "")
    if not is_multipart(content_type):
        return {}
    return Parts.of(content_type, await request.body()).fields()


def picture_body(
    *, fields: dict[str, str] | None = None, images: int = 1, raw: bool = True
) -> dict[str, Any]:
    """Return what OpenAPI says about a picture in a body; `fields` are further ones of the form."""
    image: dict[str, Any] = {"type": "string", "format": "binary"}
    if images > 1:
        image = {"type": "array", "items": image, "minItems": images, "maxItems": images}
    texts = {name: {"type": "string", "description": what} for name, what in (fields or {}).items()}
    form: dict[str, Any] = {
        "schema": {
            "type": "object",
            "required": ["image"],
            "properties": {"image": image, **texts},
        }
    }
    content = {"multipart/form-data": form}
    if raw:
        content |= {"image/jpeg": _BINARY, "image/png": _BINARY, "image/*": _BINARY}
    return {"requestBody": {"required": True, "content": content}}
