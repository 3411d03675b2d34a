"""The id of the request that is being served: made by the first service, passed on to the next."""

import re
import uuid
from contextvars import ContextVar

HEADER = "X-Request-ID"
_ACCEPTED = re.compile(r"[A-Za-z0-9._-]{1,64}")

current: ContextVar[str | None] = ContextVar("request_id", default=None)


def accept_or_make(given: str | None) -> str:
    """Return `given` when it is safe to log and send on, else a new id."""
    return given if given and _ACCEPTED.fullmatch(given) else uuid.uuid4().hex
