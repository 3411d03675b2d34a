"""Keys put into a record before its gateway starts, in every state."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from contract.messages.access.role import Role
from contract.text.access_key import KeyText
from gateway.clock.clock import now
from gateway.record.access.keys import add_key, revoke_key
from gateway.record.access.stored_key import StoredKey
from gateway.record.database import Database
from tests.new_database import put_record

HOUR = 3_600_000


def key(role: Role, stores: Iterable[str] | None = None, **given: Any) -> tuple[KeyText, StoredKey]:
    """Return a new key, as its holder has it and as the record does."""
    text = KeyText.new()
    of = None if stores is None else frozenset(stores)
    values = {"name": f"a {role}", "names": True, "created_at": now() - HOUR, **given}
    return text, StoredKey(text.id, text.digest, role=role, stores=of, **values)


async def put_keys(folder: Path, keys: Iterable[StoredKey]) -> None:
    """Put keys into the record of a gateway that does not run; one with `revoked_at` is revoked."""
    put_record(folder)
    async with Database.at(None, folder) as database:
        for one in keys:
            await database.write(None, add_key, one)
            if one.revoked_at is not None:
                await database.write(None, revoke_key, one.id, one.revoked_at)


def bearer(text: KeyText) -> dict[str, str]:
    """Return the header that brings a key."""
    return {"Authorization": f"Bearer {text.text}"}
