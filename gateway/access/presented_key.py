"""The key that a request brings, in a header, or in the address where a camera knows nothing else.

Authorization: Bearer fg_…
Authorization: Basic …                    the key is the password, whatever the user is called
…/cameras/{camera}/push?token=fg_…
…/cameras/{camera}/push/fg_…
"""

import base64
import binascii
import re

from starlette.types import Scope

TOKEN = "token"  # noqa: S105  # the name of a parameter
"""The parameter in the query of a push that may hold the key."""
_PUSH = re.compile(r"(.*/v1/stores/[^/]+/cameras/[^/]+/push)(?:/([^/]+))?")
_PARAMETER = f"{TOKEN}=".encode()


def presented_key(scope: Scope) -> str | None:
    """Return what a request brings as its key, valid or not; None where it brings none.

    Takes what is in the address of a push out of it: no log and no answer shows it.
    """
    in_address = _taken_out(scope) if "/push" in scope["path"] else None
    header = authorization(scope)
    return in_address if header is None else _of_header(*header)


def authorization(scope: Scope) -> tuple[str, str] | None:
    """Return the scheme of the header `Authorization`, in lower case, and what follows it."""
    for name, value in scope["headers"]:
        if name == b"authorization":
            scheme, _, rest = value.decode("latin-1").partition(" ")
            return scheme.lower(), rest
    return None


def _of_header(scheme: str, rest: str) -> str:
    if scheme == "bearer":
        return rest.strip()
    if scheme == "basic":
        try:
            return base64.b64decode(rest, validate=True).decode("latin-1").partition(":")[2]
        except binascii.Error:
            return ""
    return ""


def _taken_out(scope: Scope) -> str | None:
    match = _PUSH.fullmatch(scope["path"])
    if match is None:
        return None
    path, in_path = match.groups()
    parameters = scope["query_string"].split(b"&")
    tokens = [one for one in parameters if one.startswith(_PARAMETER)]
    if tokens:
        scope["query_string"] = b"&".join(one for one in parameters if one not in tokens)
    if in_path is not None:
        scope["path"] = path
        scope["raw_path"] = path.encode()
        return str(in_path)
    return tokens[0].removeprefix(_PARAMETER).decode("latin-1") if tokens else None
