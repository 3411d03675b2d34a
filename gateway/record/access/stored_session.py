"""A session as the record has it."""

from dataclasses import dataclass

from contract.messages.access.role import Role
from contract.messages.access.session import PageSession
from gateway.clock.clock import iso


@dataclass(frozen=True)
class StoredSession:
    """Somebody who signed in to the pages. Times are UTC in milliseconds since 1970."""

    digest: bytes
    """SHA-256 of what their browser sends, 32 bytes."""
    key_id: str | None
    """The key that they signed in with; the session ends when that does."""
    subject: str | None
    """Who they are to whoever vouched for them, where they signed in without a key."""
    name: str
    """What they, or their key, are called."""
    role: Role
    stores: frozenset[str] | None
    """Which it is for; None: all of them."""
    created_at: int
    expires_at: int
    address: str | None = None
    """From where they signed in."""
    last_used_at: int | None = None

    @property
    def id(self) -> str:
        """What people call it: of what their browser sends it tells nothing, as the digest."""
        return self.digest[:8].hex()

    def shown(self, *, asks: bool) -> PageSession:
        """Return the session for people; `asks`: whether it is theirs who are shown it."""
        return PageSession(
            id=self.id,
            key_id=self.key_id,
            subject=self.subject,
            name=self.name,
            role=self.role,
            stores=None if self.stores is None else sorted(self.stores),
            address=self.address,
            created_at=iso(self.created_at),
            last_used_at=None if self.last_used_at is None else iso(self.last_used_at),
            expires_at=iso(self.expires_at),
            asks=asks,
        )
