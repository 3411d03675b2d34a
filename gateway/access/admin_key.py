"""The first key: that of the admin who makes all others, in a file which the gateway keeps."""

import logging
from pathlib import Path

from contract.errors import ConfigurationError, Conflict
from contract.messages.access.role import ADMIN
from contract.text.access_key import KeyText
from gateway.access.keys import Keys
from gateway.clock.clock import Clock, now
from gateway.record.access.stored_key import StoredKey
from service.files.private_files import write_private

log = logging.getLogger(__name__)


def warn_without_admin(keys: Keys) -> None:
    """Say how to make a key of the admin, if there is none that works: nobody could make others."""
    moment = now()
    if not any(key.role == ADMIN and key.state(moment) == "valid" for key in keys.all):
        log.error(
            "FACEGATE_KEYS=required, and there is no key of the admin: start the gateway with"
            " FACEGATE_ADMIN_KEY_FILE=FILE, and it makes one in that file"
        )


class AdminKey:
    """Sees to it that a file holds a key of the admin, one that works.

    Where there is no file, one is made. A key in it that the record does not know, for instance
    that of a secret which all gateways are given, is put into the record.
    """

    def __init__(self, keys: Keys, path: Path, clock: Clock = now) -> None:
        self._keys = keys
        self._path = path
        self._clock = clock

    async def ensure(self) -> None:
        """Make the file, or take over its key. Raises ConfigurationError and StorageError."""
        key = self._read()
        known = {stored.id: stored for stored in self._keys.all}
        if key is not None and key.id in known:
            stored = known[key.id]
            usable = stored.state(self._clock()) == "valid" and stored.role == ADMIN
            if usable and stored.digest == key.digest:
                return
            log.warning("the key %s in %s is no valid key of the admin", key.id, self._path)
            key = None
        if key is None:
            key = KeyText.new()
            self._write(key)  # first: a key that nobody has seen opens nothing
            log.warning("a new key of the admin, %s, is in %s", key.id, self._path)
        name = f"admin key in {self._path.name}"
        stored = StoredKey(key.id, key.digest, name, ADMIN, None, True, self._clock())
        try:
            await self._keys.add(stored)
        except Conflict:  # another gateway, which was given the same key, was first
            await self._keys.refresh()

    def _read(self) -> KeyText | None:
        """Return the key in the file; None where there is no file."""
        try:
            text = self._path.read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigurationError(_fault(self._path, error)) from error
        key = KeyText.parse(text)
        if key is None:
            raise ConfigurationError(
                f"FACEGATE_ADMIN_KEY_FILE={str(self._path)!r}: there is something else than a key"
                " in this file; move it away, and a key is made"
            )
        return key

    def _write(self, key: KeyText) -> None:
        """Replace the file by one that its owner alone may read. Raises ConfigurationError."""
        try:
            write_private(self._path, f"{key.text}\n")
        except OSError as error:
            raise ConfigurationError(_fault(self._path, error)) from error


def _fault(path: Path, error: Exception) -> str:
    return f"FACEGATE_ADMIN_KEY_FILE={str(path)!r}: {getattr(error, 'strerror', None) or error}"
