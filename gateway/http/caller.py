"""Who sends a request, as far as keys tell."""

from typing import NamedTuple

from starlette.requests import HTTPConnection
from starlette.types import Scope

from contract.messages.access.role import ADMIN, Role

_SCOPE = "facegate.caller"


class Caller(NamedTuple):
    """The holder of a key, who signed in, or anybody where no keys are asked for."""

    key_id: str | None
    role: Role | None
    """None: they may do nothing but what is open to all."""
    stores: frozenset[str] | None
    """Which they may ask about; None: all of them."""
    names: bool
    """Whether answers to pictures say who somebody is."""
    subject: str | None = None
    """Who somebody is to whoever vouched for them, where they signed in without a key."""
    name: str | None = None
    """What they, or their key, are called."""
    session: bytes | None = None
    """The digest of the session of who signed in."""

    def remember(self, scope: Scope) -> None:
        """Note in an ASGI scope who sends its request."""
        scope[_SCOPE] = self


ANYBODY = Caller(None, ADMIN, None, True)
"""Who calls where no keys are asked for."""
NOBODY = Caller(None, None, frozenset(), False)
"""Who has no key where keys are asked for."""


def address_of(scope: Scope) -> str:
    """Return the address that a request came from: that of a proxy, where there is one."""
    return scope["client"][0] if scope.get("client") else ""


def caller_of(request: HTTPConnection) -> Caller:
    """Return who sends a request."""
    caller: Caller = request.scope.get(_SCOPE, NOBODY)
    return caller
