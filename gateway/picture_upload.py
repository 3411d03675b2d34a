"""How requests bring pictures: as the raw body, or in a form. Both are passed on untouched."""

from typing import Any

from fastapi import Request
from starlette.formparsers import MultiPartException, MultiPartParser

from contract.errors import BadRequest
from gateway.shard_client import Picture

_NO_LIMIT = 2**40
_BINARY: dict[str, Any] = {"schema": {"type": "string", "format": "binary"}}


async def read_picture(request: Request) -> Picture:
    """Return the body and its content type; the limits on it are BodyGuard's."""
    return Picture(await request.body(), request.headers.get("content-type", ""))


class _InMemory(MultiPartParser):
    """Keeps parts in memory: no picture touches the disk. BodyGuard limits the whole body."""

    spool_max_size = _NO_LIMIT


async def form_fields(request: Request) -> dict[str, str]:
    """Return the text fields of a body that is a form. Raises BadRequest."""
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        return {}
    try:
        parser = _InMemory(request.headers, request.stream(), max_part_size=_NO_LIMIT)
        form = await parser.parse()
    except MultiPartException as error:
        raise BadRequest(error.message) from error
    fields = {name: value for name, value in form.multi_items() if isinstance(value, str)}
    await form.close()
    return fields


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
