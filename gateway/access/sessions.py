"""The sessions of people who signed in to the pages: those of the record, held in memory."""

import asyncio
import hashlib
import logging
import secrets
import time
from dataclasses import replace

from contract.deadline import Deadline
from contract.errors import FacegateError, UnknownSession
from contract.messages.access.role import ADMIN, Role
from gateway.access.keys import READ_SECONDS, Keys
from gateway.access.last_uses import LastUses
from gateway.access.openid_provider import VouchedFor
from gateway.audit.request_notes import begin_change, note_caller, note_details
from gateway.clock.clock import Clock, now
from gateway.http.caller import Caller
from gateway.record.access.sessions import (
    add_session,
    all_sessions,
    end_session,
    note_session_uses,
)
from gateway.record.access.stored_session import StoredSession
from gateway.record.database import Database

log = logging.getLogger(__name__)

_ID_BYTES = 32
"""256 random bits, as keys have: nobody guesses one."""


class Sessions:
    """Begins and ends sessions, and tells whose one is.

    Every gateway of the record knows a session at once, and its end within two seconds. It ends
    when somebody signs out, when its key does, and `hours` after it began, whatever happens.
    """

    def __init__(self, database: Database, keys: Keys, hours: float, clock: Clock = now) -> None:
        self._database = database
        self._keys = keys
        self._lasts = round(hours * 3_600_000)
        self._clock = clock
        self.uses: LastUses[bytes] = LastUses(
            lambda uses: database.write(None, note_session_uses, uses), clock
        )
        self._sessions: dict[bytes, StoredSession] = {}
        self._reading = asyncio.Lock()  # what was read earlier never replaces what is newer
        self._read_at = float("-inf")

    async def begin_with_key(
        self, text: str, deadline: Deadline, *, address: str | None = None
    ) -> str:
        """Begin the session of who has a key; return what their browser sends from now on.

        `address`: from where they sign in, as far as that is known. Raises KeyRefused where `text`
        is no valid key, and StorageError.
        """
        key = self._keys.valid(text)
        return await self._begin(
            deadline, address, key_id=key.id, name=key.name, role=key.role, stores=key.stores
        )

    async def begin_vouched(
        self, somebody: VouchedFor, deadline: Deadline, *, address: str | None = None
    ) -> str:
        """Begin the session of somebody who is vouched for; return as `begin_with_key` does.

        Raises StorageError.
        """
        role, stores = somebody.grant.role, somebody.grant.stores
        return await self._begin(
            deadline,
            address,
            subject=somebody.subject,
            name=somebody.name,
            role=role,
            stores=None if stores is None else frozenset(stores),
        )

    async def find(self, session_id: str, deadline: Deadline | None = None) -> StoredSession | None:
        """Return the session that a browser names, if there is one that goes on.

        One that is not known here may have begun at another gateway: the record is asked.
        Raises StorageError.
        """
        digest = _digest(session_id)
        if digest not in self._sessions:
            await self._catch_up(deadline)
        if not self.is_valid(digest):
            return None
        session = self._sessions[digest]
        self.uses.note(digest)
        if session.key_id is not None:
            self._keys.uses.note(session.key_id)
        return session

    def is_valid(self, digest: bytes) -> bool:
        """Say whether a session goes on."""
        session = self._sessions.get(digest)
        return (
            session is not None
            and session.expires_at > self._clock()
            and (session.key_id is None or self._keys.is_valid(session.key_id))
        )

    async def end(self, session_id: str, deadline: Deadline) -> None:
        """End a session, if there is one. Raises StorageError."""
        session = await self.find(session_id, deadline)
        if session is not None:
            note_caller(caller_in(session))
            note_details(ended=session.id)
            await self._end(session, deadline)

    async def seen_by(self, caller: Caller, deadline: Deadline) -> list[StoredSession]:
        """Return the sessions that go on and that somebody may know of, the newest first.

        The admin may of all, others of those of their key, or of who they are without one. Raises
        StorageError.
        """
        await self._catch_up(deadline)
        seen = [
            replace(session, last_used_at=self.uses.of(digest) or session.last_used_at)
            for digest, session in self._sessions.items()
            if self.is_valid(digest) and _may_see(caller, session)
        ]
        return sorted(seen, key=lambda session: session.created_at, reverse=True)

    async def end_seen_by(self, caller: Caller, called: str, deadline: Deadline) -> StoredSession:
        """End the session of an id, if somebody may know of it, and return it.

        Raises UnknownSession and StorageError.
        """
        seen = await self.seen_by(caller, deadline)
        session = next((session for session in seen if session.id == called), None)
        if session is None:
            raise UnknownSession(f"there is no session {called!r}, or it is over")
        await self._end(session, deadline)
        return session

    async def run(self) -> None:
        """Follow the record for ever."""
        while True:
            await asyncio.sleep(READ_SECONDS)
            try:
                await self._catch_up()
                await self.uses.tell_in_time()
            except FacegateError as error:
                log.warning("the sessions are as they were last read: %s", error.detail)

    async def _end(self, session: StoredSession, deadline: Deadline) -> None:
        await begin_change()
        await self._database.write(deadline, end_session, session.digest)
        await self._catch_up(deadline)

    async def _begin(
        self,
        deadline: Deadline,
        address: str | None,
        *,
        name: str,
        role: Role,
        stores: frozenset[str] | None,
        key_id: str | None = None,
        subject: str | None = None,
    ) -> str:
        session_id = secrets.token_urlsafe(_ID_BYTES)
        moment = self._clock()
        session = StoredSession(
            _digest(session_id),
            key_id,
            subject,
            name,
            role,
            stores,
            created_at=moment,
            expires_at=moment + self._lasts,
            address=address,
            last_used_at=moment,
        )
        note_caller(caller_in(session))
        note_details(session=session.id)
        await begin_change()
        await self._database.write(deadline, add_session, session)
        await self._catch_up(deadline)
        return session_id

    async def _catch_up(self, deadline: Deadline | None = None) -> None:
        """Read the sessions as they are now: of many who ask at once, one does so for all."""
        asked_at = time.monotonic()
        async with self._reading:
            if self._read_at < asked_at:
                began = time.monotonic()
                self._sessions = await self._database.read(deadline, all_sessions, self._clock())
                self._read_at = began


def caller_in(session: StoredSession) -> Caller:
    """Return who asks in a session."""
    return Caller(
        session.key_id,
        session.role,
        session.stores,
        names=True,
        subject=session.subject,
        name=session.name,
        session=session.digest,
    )


def _may_see(caller: Caller, session: StoredSession) -> bool:
    own = (session.key_id, session.subject) == (caller.key_id, caller.subject)
    return own or caller.role == ADMIN


def _digest(session_id: str) -> bytes:
    return hashlib.sha256(session_id.encode("latin-1", "replace")).digest()
