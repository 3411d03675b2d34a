"""A session as the record has it."""

from dataclasses import dataclass

from contract.messages.access.role import Role


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

    @property
    def id(self) -> str:
        """What people call it: of what their browser sends it tells nothing, as the digest."""
        return self.digest[:8].hex()
