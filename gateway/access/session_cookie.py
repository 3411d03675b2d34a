"""The cookies of who signs in.

HttpOnly: no script reads them. Where the browser came by HTTPS they are Secure, and called
`__Host-…`: browsers take such a one of this very host alone, and never without TLS.
"""

from typing import Literal, NamedTuple

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.types import Scope


class HostCookie(NamedTuple):
    """A cookie that no page of another site has sent; `lax`: but for a link that is followed."""

    name: str
    same_site: Literal["strict", "lax"]
    seconds: int | None = None
    """How long a browser keeps it; None: until it is closed."""

    @property
    def secure_name(self) -> str:
        """What it is called where the browser came by HTTPS."""
        return f"__Host-{self.name}"

    def of(self, scope: Scope) -> str | None:
        """Return its value in a request; None where there is none."""
        cookies = HTTPConnection(scope).cookies
        if self.secure_name in cookies:
            return cookies[self.secure_name]
        if came_by_https(scope):  # a neighbouring host can have set the plain one
            return None
        return cookies.get(self.name)

    def set(self, response: Response, scope: Scope, value: str, base: str) -> None:
        """Have the browser send it, below the path `base` where there may be neighbours."""
        secure = came_by_https(scope)
        response.set_cookie(
            self.secure_name if secure else self.name,
            value,
            self.seconds,
            path="/" if secure else base or "/",
            secure=secure,
            httponly=True,
            samesite=self.same_site,
        )

    def forget(self, response: Response, base: str) -> None:
        """Have the browser send it no more."""
        ways = ((self.secure_name, "/", True), (self.name, base or "/", False))
        for name, path, secure in ways:
            response.delete_cookie(
                name, path=path, secure=secure, httponly=True, samesite=self.same_site
            )


SESSION = HostCookie("facegate_session", "strict")
"""Names the session of who has signed in."""
SIGNING_IN = HostCookie("facegate_sign_in", "lax", seconds=600)
"""Which sign-in somebody has begun who is at their provider now, from where they are sent back: a
cookie that is Strict would not be sent then."""


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
