"""AES-256-GCM with one key."""

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from contract.errors import StorageForeign

_NONCE = 12


class Cipher:
    """Encrypts texts: a random nonce of twelve bytes (NIST SP 800-38D), then what AES-GCM makes.

    For any thread.
    """

    def __init__(self, key: bytes) -> None:
        """Take a key of 32 bytes."""
        self._aes = AESGCM(key)

    def encrypt(self, text: bytes) -> bytes:
        """Return `text` encrypted, 28 bytes longer."""
        nonce = os.urandom(_NONCE)
        return nonce + self._aes.encrypt(nonce, text, None)

    def decrypt(self, encrypted: bytes) -> bytes:
        """Return what was encrypted. Raises StorageForeign when it was changed."""
        try:
            return self._aes.decrypt(encrypted[:_NONCE], encrypted[_NONCE:], None)
        except InvalidTag as error:
            raise StorageForeign("what is encrypted was changed") from error
