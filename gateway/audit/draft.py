"""An entry of the audit trail that has no place in its chain yet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gateway.record.audit.subject import Subject


@dataclass(frozen=True)
class AuditDraft:
    """Who did what to whom. `since`: when it was asked for, UTC in milliseconds since 1970.

    Without `who` and `address` it is the gateway itself, by what it was told to do by itself.
    """

    action: str
    since: int
    who: str | None = None
    role: str | None = None
    address: str | None = None
    store: str | None = None
    subjects: Sequence[Subject] = ()
    details: Mapping[str, Any] = field(default_factory=dict)
    status: int | None = None
    request_id: str | None = None
