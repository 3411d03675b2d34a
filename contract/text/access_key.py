"""The keys that open the gateway, as text: `fg_<id>_<secret>`.

The id names a key in lists and logs; the secret is known to who holds the key, and to nobody else.
"""

import hashlib
import re
import secrets
from typing import NamedTuple, Self

DIGEST_REALM = "facegate"
"""The realm of HTTP digest authentication: what is kept for it is of this name."""
_ID_BYTES = 4
_SECRET_BYTES = 32
"""256 bits: nobody guesses one, however fast they may try."""
_ID = r"fg_[0-9a-f]{8}"
_RANDOM = r"[A-Za-z0-9_-]{43}"
_KEY = re.compile(f"({_ID})_({_RANDOM})")


class KeyText(NamedTuple):
    """A key as its holder has it: its id, `fg_` and 8 hexadecimal digits, and its secret."""

    id: str
    secret: str

    @classmethod
    def new(cls) -> Self:
        """Return a key that nobody has, of 256 random bits."""
        return cls(f"fg_{secrets.token_hex(_ID_BYTES)}", secrets.token_urlsafe(_SECRET_BYTES))

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Return the key that `text` is, or None where it is not one."""
        match = _KEY.fullmatch(text)
        return None if match is None else cls(*match.groups())

    @property
    def text(self) -> str:
        """The key in one piece, as it is sent."""
        return f"{self.id}_{self.secret}"

    @property
    def digest(self) -> bytes:
        """The SHA-256 of the secret, 32 bytes: what is kept of it.

        A hash that is slow on purpose protects passwords, which people choose and others guess.
        Here there is nothing to guess: 256 random bits.
        """
        return hashlib.sha256(self.secret.encode("ascii")).digest()

    @property
    def digest_ha1(self) -> bytes:
        """MD5 of id, realm and key, 16 bytes: what HTTP digest authentication needs (RFC 7616)."""
        told = f"{self.id}:{DIGEST_REALM}:{self.text}"
        return hashlib.md5(told.encode("ascii"), usedforsecurity=False).digest()

    def __repr__(self) -> str:
        """Return the id alone: what is printed by mistake opens nothing."""
        return f"KeyText({self.id})"


def without_secrets(text: str) -> str:
    """Return `text` with the secret of every key in it struck out, for logs and errors."""
    return _KEY.sub(r"\1_***", text) if "fg_" in text else text
