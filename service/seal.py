"""What is encrypted at rest: AES-256-GCM with keys that whoever takes the disk has not.

A sealed text is a byte that says so, four that name its key, and what the cipher makes of the text.
So its length is one more than a multiple of four where the text's is such a multiple: a vector of
float32 is never taken for a sealed one.
"""

import shlex
import subprocess
from base64 import b64decode
from collections.abc import Sequence
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import SecretStr

from contract.errors import ConfigurationError, StorageForeign
from service.environment_settings import Settings, read_settings

if TYPE_CHECKING:
    from service.cipher import Cipher

PLAIN = "plain"
"""In place of a first key: what is written from now on is not encrypted."""
_MARK = b"\x01"
_NAME = 5
"""Bytes of mark and name of the key."""
OVERHEAD = _NAME + 28
"""Bytes that sealing adds."""
_KEY_BYTES = 32
_COMMAND_SECONDS = 30


class Seal:
    """Encrypts with the first key, if that is one, and decrypts with all of them.

    For any thread.
    """

    def __init__(self, keys: Sequence[bytes | None]) -> None:
        """Take keys of 32 bytes; None as the first one: nothing is encrypted."""
        self._keys = {_name(key): _cipher(key) for key in keys if key is not None}
        self.prefix = b"" if keys[0] is None else _name(keys[0])
        """What all that is sealed with the first key begins with; empty where nothing is sealed."""

    @property
    def has_keys(self) -> bool:
        """Whether anything may be sealed, or have been."""
        return bool(self._keys)

    @classmethod
    def read(cls, text: str, where: str) -> "Seal":
        """Read keys, each a line of base64. Raises ConfigurationError, which shows none."""
        lines = text.split()
        try:
            keys = [None if line == PLAIN else b64decode(line, validate=True) for line in lines]
        except ValueError as error:  # binascii.Error is one
            raise ConfigurationError(f"{where}: not keys in base64, a line each") from error
        if not keys or None in keys[1:] or any(key and len(key) != _KEY_BYTES for key in keys):
            raise ConfigurationError(
                f"{where}: expected keys of {_KEY_BYTES} bytes, a line each in base64; the first"
                f" line may be {PLAIN!r}"
            )
        return cls(keys)

    def seal(self, text: bytes) -> bytes:
        """Return `text` encrypted with the first key."""
        if not self.prefix:
            return text
        return self.prefix + self._keys[self.prefix].encrypt(text)

    def open(self, stored: bytes) -> bytes:
        """Return what was sealed; what never was is returned as it is.

        Raises StorageForeign when none of the keys has sealed it, or it was changed.
        """
        return self.unseal(stored) if is_sealed(stored) else stored

    def unseal(self, stored: bytes) -> bytes:
        """Return what was sealed, whatever its length. Raises StorageForeign as `open` does."""
        key = self._keys.get(stored[:_NAME])
        if key is None:
            raise StorageForeign("it is encrypted with a key that FACEGATE_ENCRYPTION_KEYS lacks")
        return key.decrypt(stored[_NAME:])


def is_sealed(stored: bytes) -> bool:
    """Say whether a stored vector is encrypted."""
    return len(stored) % 4 == OVERHEAD % 4 and stored[:1] == _MARK


def _cipher(key: bytes) -> "Cipher":
    from service.cipher import Cipher

    return Cipher(key)


def _name(key: bytes) -> bytes:
    return _MARK + sha256(b"facegate vector key" + key).digest()[: _NAME - 1]


class SealSettings(Settings):
    """Where the keys are, of which one place is named at most."""

    encryption_keys: SecretStr | None = None
    """The keys themselves."""
    encryption_keys_file: Path | None = None
    """A file with the keys."""
    encryption_keys_command: str | None = None
    """A command that prints the keys, such as that of a key store."""


@cache
def own_seal() -> Seal:
    """Return this process's seal; without keys it seals nothing, and opens what is not sealed.

    Raises ConfigurationError.
    """
    settings = read_settings(SealSettings)
    given = settings.model_dump(exclude_none=True)
    if len(given) > 1:
        names = " and ".join(f"FACEGATE_{name.upper()}" for name in given)
        raise ConfigurationError(f"{names}: only one of them may be set")
    if settings.encryption_keys is not None:
        return Seal.read(settings.encryption_keys.get_secret_value(), "FACEGATE_ENCRYPTION_KEYS")
    if settings.encryption_keys_file is not None:
        path = settings.encryption_keys_file
        try:
            return Seal.read(path.read_text(encoding="ascii"), str(path))
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigurationError(f"{path}: the keys cannot be read") from error
    if settings.encryption_keys_command is not None:
        return Seal.read(
            _printed(settings.encryption_keys_command), "FACEGATE_ENCRYPTION_KEYS_COMMAND"
        )
    return Seal([None])


def _printed(command: str) -> str:
    try:
        done = subprocess.run(  # noqa: S603 - what whoever runs the shard has set
            shlex.split(command),
            stdout=subprocess.PIPE,
            text=True,
            check=True,
            timeout=_COMMAND_SECONDS,
        )
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        raise ConfigurationError(
            f"FACEGATE_ENCRYPTION_KEYS_COMMAND={command!r}: it has printed no keys"
        ) from error
    return done.stdout
