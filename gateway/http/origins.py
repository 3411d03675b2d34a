"""The web pages of other servers that may call the gateway from a browser (CORS)."""

from urllib.parse import urlsplit

EXPOSED_HEADERS = ("Retry-After", "X-Request-ID", "Content-Disposition", "ETag")
"""What their scripts may read of an answer beside its body, type and length."""


def origins(text: str) -> list[str]:
    """Return the origins in `text`, separated by commas. Raises ValueError.

    An origin is what a browser sends as such: scheme, host and port, or `*` for all.
    """
    found = [origin.strip().rstrip("/") for origin in text.split(",") if origin.strip()]
    for origin in found:
        if origin != "*" and not _is_origin(origin):
            raise ValueError(f"{origin!r} is not an origin such as https://pos.example.com, nor *")
    return found


def _is_origin(text: str) -> bool:
    parts = urlsplit(text)
    plain = f"{parts.scheme}://{parts.netloc}"
    return parts.scheme in {"http", "https"} and "@" not in plain and plain == text.lower() != ""
