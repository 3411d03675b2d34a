"""Requests about personal data that were not let in, counted: a flood of them fills no trail."""

from collections import defaultdict
from typing import NamedTuple

from gateway.audit.draft import AuditDraft

REFUSED = "refused"
_MOST = 200
"""Of so many callers those of a minute are told apart; further ones are told together."""


class _Caller(NamedTuple):
    who: str | None
    address: str | None
    status: int


class RefusedRequests:
    """Counts refused requests by caller and status, until they are taken."""

    def __init__(self) -> None:
        self._actions: dict[_Caller, defaultdict[str, int]] = {}
        self._since = 0

    def note(
        self, action: str, status: int, *, who: str | None, address: str | None, now: int
    ) -> None:
        """Count a request that was refused at the moment `now`."""
        if not self._actions:
            self._since = now
        caller = _Caller(who, address, status)
        if caller not in self._actions and len(self._actions) >= _MOST:
            caller = _Caller(None, None, status)
        self._actions.setdefault(caller, defaultdict(int))[action] += 1

    def take(self) -> list[AuditDraft]:
        """Return one entry for each caller and status, and begin to count anew."""
        counted, self._actions = self._actions, {}
        return [
            AuditDraft(
                REFUSED,
                self._since,
                who=caller.who,
                address=caller.address,
                details={"requests": dict(actions)},
                status=caller.status,
            )
            for caller, actions in counted.items()
        ]
