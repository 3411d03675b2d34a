"""Who sends a request, as far as keys tell."""

from typing import NamedTuple

from starlette.requests import HTTPConnection
from starlette.types import Scope

from contract.messages.access.role import ADMIN, Role

_SCOPE = "facegate.caller"


class Caller(NamedTuple):
    """The holder of a key, or anybody where no keys are asked for."""

    key_id: str | None
    role: Role
    stores: frozenset[str] | None
    """Which the key is for; None: all of them."""
    names: bool
    """Whether answers to pictures say who somebody is."""

    def remember(self, scope: Scope) -> None:
        """Note in an ASGI scope who sends its request."""
        scope[_SCOPE] = self


ANYBODY = Caller(None, ADMIN, None, True)
"""Who calls where no keys are asked for."""


def caller_of(request: HTTPConnection) -> Caller:
    """Return who sends a request."""
    caller: Caller = request.scope.get(_SCOPE, ANYBODY)
    return caller
