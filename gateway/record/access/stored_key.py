"""A key as the record has it."""

from dataclasses import dataclass

from contract.messages.access.key import AccessKey, KeyState
from contract.messages.access.role import Role
from gateway.clock.clock import iso


@dataclass(frozen=True)
class StoredKey:
    """A key without its secret. Times are UTC in milliseconds since 1970."""

    id: str
    digest: bytes
    """SHA-256 of the secret, 32 bytes."""
    name: str
    role: Role
    stores: frozenset[str] | None
    """Which it is for; None: all of them."""
    names: bool
    created_at: int
    expires_at: int | None = None
    revoked_at: int | None = None
    last_used_at: int | None = None
    digest_ha1: bytes | None = None
    """What HTTP digest authentication needs, 16 bytes; None: the key is not for that."""

    def state(self, now: int) -> KeyState:
        """Return whether the key works at the moment `now`, or why not."""
        if self.revoked_at is not None:
            return "revoked"
        if self.expires_at is not None and self.expires_at <= now:
            return "expired"
        return "valid"

    def shown(self, now: int) -> AccessKey:
        """Return the key for those who administer keys."""
        return AccessKey(
            id=self.id,
            name=self.name,
            role=self.role,
            stores=None if self.stores is None else sorted(self.stores),
            names=self.names,
            digest=self.digest_ha1 is not None,
            state=self.state(now),
            created_at=iso(self.created_at),
            expires_at=_iso(self.expires_at),
            revoked_at=_iso(self.revoked_at),
            last_used_at=_iso(self.last_used_at),
        )


def _iso(at: int | None) -> str | None:
    return None if at is None else iso(at)
