"""Keys in the record: read, made, replaced, revoked, and when they were last used."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace

import sqlalchemy as sa

from contract.errors import Conflict, KeyEnded, UnknownKey
from contract.text.access_key import KeyText
from gateway.record.access.schema import access_key_stores, access_keys
from gateway.record.access.stored_key import StoredKey
from gateway.record.upsert import insert_if_absent, insert_into

_key = access_keys.c


def all_keys(connection: sa.Connection) -> dict[str, StoredKey]:
    """Return every key by its id, the newest first."""
    stores: defaultdict[str, set[str]] = defaultdict(set)
    for key_id, store in connection.execute(
        sa.select(access_key_stores.c.id, access_key_stores.c.store)
    ):
        stores[key_id].add(store)
    rows = connection.execute(sa.select(access_keys).order_by(_key.created_at.desc(), _key.id))
    return {row.id: _stored(row, stores[row.id]) for row in rows}


def add_key(connection: sa.Connection, key: StoredKey) -> None:
    """Insert a key. Raises Conflict when its id is taken."""
    statement = insert_into(connection, access_keys).values(
        id=key.id,
        digest=key.digest,
        name=key.name,
        role=key.role,
        everywhere=key.stores is None,
        names=key.names,
        created_at=key.created_at,
        expires_at=key.expires_at,
        digest_ha1=key.digest_ha1,
    )
    if not insert_if_absent(connection, statement):
        raise Conflict(f"there is a key {key.id} already; ask again for another one")
    rows = [{"id": key.id, "store": store} for store in key.stores or ()]
    if rows:
        connection.execute(sa.insert(access_key_stores), rows)


def replace_key(
    connection: sa.Connection, key_id: str, by: KeyText, grace_ms: int, now: int
) -> StoredKey:
    """Insert a key like another one, which expires after `grace_ms`; return the new one.

    Where the other one was to expire, the new one expires then, too. Raises UnknownKey and
    KeyEnded.
    """
    old = _valid_key(connection, key_id, now)
    new = replace(old, id=by.id, digest=by.digest, created_at=now, last_used_at=None)
    if old.digest_ha1 is not None:
        new = replace(new, digest_ha1=by.digest_ha1)
    add_key(connection, new)
    ends = now + grace_ms if old.expires_at is None else min(now + grace_ms, old.expires_at)
    connection.execute(sa.update(access_keys).where(_key.id == key_id).values(expires_at=ends))
    return new


def revoke_key(connection: sa.Connection, key_id: str, now: int) -> StoredKey:
    """Revoke a key, for good, and return it. One that is revoked stays so. Raises UnknownKey."""
    unrevoked = (_key.id == key_id) & _key.revoked_at.is_(None)
    connection.execute(sa.update(access_keys).where(unrevoked).values(revoked_at=now))
    return _known_key(connection, key_id)


def note_uses(connection: sa.Connection, uses: Mapping[str, int]) -> None:
    """Store when keys were last used; another gateway may know of a later moment."""
    for key_id, at in uses.items():
        earlier = _key.last_used_at.is_(None) | (_key.last_used_at < at)
        connection.execute(
            sa.update(access_keys).where((_key.id == key_id) & earlier).values(last_used_at=at)
        )


def _known_key(connection: sa.Connection, key_id: str) -> StoredKey:
    key = all_keys(connection).get(key_id)
    if key is None:
        raise UnknownKey(f"there is no key {key_id!r}")
    return key


def _valid_key(connection: sa.Connection, key_id: str, now: int) -> StoredKey:
    # Locked, so that of two who replace it at once the second sees what the first has done.
    connection.execute(sa.select(_key.id).where(_key.id == key_id).with_for_update())
    key = _known_key(connection, key_id)
    state = key.state(now)
    if state != "valid":
        raise KeyEnded(f"{key_id} is {state}; make a new one")
    return key


def _stored(row: sa.Row[tuple[object, ...]], stores: set[str]) -> StoredKey:
    values = dict(row._mapping)
    everywhere = values.pop("everywhere")
    return StoredKey(**values, stores=None if everywhere else frozenset(stores))
