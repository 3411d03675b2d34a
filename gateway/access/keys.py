"""The keys in force: those of the record, held in memory and read anew every second."""

import asyncio
import hmac
import logging
from collections.abc import Callable

from contract.deadline import Deadline
from contract.errors import FacegateError, KeyRefused
from contract.text.access_key import KeyText
from gateway.access.last_uses import LastUses
from gateway.clock.clock import Clock, now
from gateway.record.access.keys import add_key, all_keys, note_uses, replace_key, revoke_key
from gateway.record.access.stored_key import StoredKey
from gateway.record.database import Database

log = logging.getLogger(__name__)

READ_SECONDS = 1.0
"""After how long, at most, a key that another gateway has revoked is refused here."""


class Keys:
    """Tells valid keys from others, and makes, replaces and revokes them.

    While the record cannot be read, the keys that were last read stay in force. A key expires by
    the plain clock: one that jumps ahead refuses keys for as long as it is wrong, and no longer.
    """

    def __init__(self, database: Database, clock: Clock = now) -> None:
        self._database = database
        self._clock = clock
        self._keys: dict[str, StoredKey] = {}
        self.uses: LastUses[str] = LastUses(
            lambda uses: database.write(None, note_uses, uses), clock
        )
        self._reading = asyncio.Lock()  # what was read earlier never replaces what is newer

    @property
    def all(self) -> list[StoredKey]:
        """Every key, the newest first."""
        return list(self._keys.values())

    async def refresh(self, deadline: Deadline | None = None) -> None:
        """Read the keys. Raises StorageError."""
        async with self._reading:
            self._keys = await self._database.read(deadline, all_keys)

    async def run(self) -> None:
        """Follow the record, and tell it of uses, for ever."""
        while True:
            await asyncio.sleep(READ_SECONDS)
            try:
                await self.refresh()
                await self.uses.tell_in_time()
            except FacegateError as error:
                log.warning("the keys are as they were last read: %s", error.detail)

    def valid(self, text: str) -> StoredKey:
        """Return the key that `text` is, and note that it is used. Raises KeyRefused."""
        given = KeyText.parse(text)
        key = None if given is None else self._keys.get(given.id)
        if given is None or key is None or not hmac.compare_digest(given.digest, key.digest):
            raise KeyRefused("it is none of this gateway's keys")
        return self._used(key)

    def proved(self, key_id: str, proves: Callable[[bytes], bool]) -> StoredKey:
        """Return a key that somebody shows to have, and note that it is used. Raises KeyRefused.

        `proves` says so by what is kept of the key for HTTP digest authentication.
        """
        key = self._keys.get(key_id)
        if key is None or key.digest_ha1 is None or not proves(key.digest_ha1):
            raise KeyRefused("it is none of this gateway's keys for digest authentication")
        return self._used(key)

    def _used(self, key: StoredKey) -> StoredKey:
        state = key.state(self._clock())
        if state != "valid":  # said to who has its secret alone
            raise KeyRefused(f"the key {key.id} is {state}")
        self.uses.note(key.id)
        return key

    def is_valid(self, key_id: str) -> bool:
        """Say whether a key is still valid that was when its request came."""
        key = self._keys.get(key_id)
        return key is not None and key.state(self._clock()) == "valid"

    async def add(self, key: StoredKey, deadline: Deadline | None = None) -> None:
        """Put a key in force. Raises Conflict when its id is taken."""
        await self._database.write(deadline, add_key, key)
        await self.refresh(deadline)

    async def replace(
        self, key_id: str, by: KeyText, grace_seconds: int, deadline: Deadline
    ) -> StoredKey:
        """Put a key in force like another one, which goes on for `grace_seconds`; return it.

        Raises UnknownKey and KeyEnded.
        """
        new = await self._database.write(
            deadline, replace_key, key_id, by, grace_seconds * 1000, self._clock()
        )
        await self.refresh(deadline)
        return new

    async def revoke(self, key_id: str, deadline: Deadline) -> StoredKey:
        """Have a key refused from now on, and return it. Raises UnknownKey."""
        revoked = await self._database.write(deadline, revoke_key, key_id, self._clock())
        await self.refresh(deadline)
        return revoked
