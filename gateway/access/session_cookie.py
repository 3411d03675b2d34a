"""The cookie by which a browser names its session.

HttpOnly: no script reads it. SameSite=Strict: no page of another site has it sent. Where the
browser came by HTTPS it is Secure, and called `__Host-…`: browsers take such a one of this very
host alone, and never without TLS.
"""

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.types import Scope

PLAIN_NAME = "facegate_session"
SECURE_NAME = f"__Host-{PLAIN_NAME}"


def came_by_https(scope: Scope) -> bool:
    """Say whether a browser came by HTTPS, as the connection, a proxy or its own page says.

    Whoever says so wrongly has their own browser refuse the cookie, and nobody else's.
    """
    headers = Headers(scope=scope)
    return (
        scope["scheme"] == "https"
        or headers.get("x-forwarded-proto", "").partition(",")[0].strip().lower() == "https"
        or headers.get("origin", "").lower() == f"https://{headers.get('host', '')}".lower()
    )


def session_of(scope: Scope) -> str | None:
    """Return the session that a request names; None where it names none."""
    cookies = HTTPConnection(scope).cookies
    if SECURE_NAME in cookies:
        return cookies[SECURE_NAME]
    return None if came_by_https(scope) else cookies.get(PLAIN_NAME)  # there others can have set it


def set_session(response: Response, scope: Scope, session_id: str, base: str) -> None:
    """Have the browser send a session below the path `base`, until it is closed."""
    secure = came_by_https(scope)
    response.set_cookie(
        SECURE_NAME if secure else PLAIN_NAME,
        session_id,
        path="/" if secure else base or "/",
        secure=secure,
        httponly=True,
        samesite="strict",
    )


def forget_session(response: Response, base: str) -> None:
    """Have the browser send none any more."""
    for name, path, secure in ((SECURE_NAME, "/", True), (PLAIN_NAME, base or "/", False)):
        response.delete_cookie(name, path=path, secure=secure, httponly=True, samesite="strict")
