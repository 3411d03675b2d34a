"""Addresses of this server, without the prefix under which a proxy serves it."""

from urllib.parse import quote

from starlette.requests import Request

from gateway.http.path_prefix import below


def address_below(prefix: str, request: Request) -> str:
    """Return the path and query that a request is for, without `prefix`."""
    query = f"?{request.url.query}" if request.url.query else ""
    return quote(below(prefix, request.scope["path"])) + query


def local_path(text: str) -> str:
    """Return `text` if it is a path of this server, else the home page: no way out by redirect."""
    is_path = text.startswith("/") and not text.startswith(("//", "/\\"))
    return text if is_path and text.isascii() and text.isprintable() else "/"
