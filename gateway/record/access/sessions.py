"""Sessions in the record: begun, read and ended."""

from collections import defaultdict
from collections.abc import Mapping

import sqlalchemy as sa

from gateway.record.access.schema import session_stores, sessions
from gateway.record.access.stored_session import StoredSession

MOST_OF_ONE = 100
"""Sessions that one key, or one person without, has at once: where there are more, the oldest end.
Who has a key can sign in as often as they like, and fill the record with it otherwise."""
_session = sessions.c


def all_sessions(connection: sa.Connection, now: int) -> dict[bytes, StoredSession]:
    """Return every session that has not expired at the moment `now`, by its digest."""
    stores: defaultdict[bytes, set[str]] = defaultdict(set)
    of_stores = sa.select(session_stores.c.digest, session_stores.c.store)
    for digest, store in connection.execute(of_stores):
        stores[digest].add(store)
    rows = connection.execute(sa.select(sessions).where(_session.expires_at > now))
    return {row.digest: _stored(row, stores[row.digest]) for row in rows}


def add_session(connection: sa.Connection, session: StoredSession) -> None:
    """Insert a session; end those that have expired, and the oldest of a holder of many."""
    of_holder = (_session.key_id == session.key_id) & _session.subject.is_(None)
    if session.key_id is None:
        of_holder = (_session.subject == session.subject) & _session.key_id.is_(None)
    newest = sa.select(_session.digest).where(of_holder).order_by(_session.created_at.desc())
    oldest = connection.scalars(newest.offset(MOST_OF_ONE - 1)).all()
    expired = connection.scalars(
        sa.select(_session.digest).where(_session.expires_at <= session.created_at)
    ).all()
    for digest in {*oldest, *expired}:
        end_session(connection, digest)
    connection.execute(
        sa.insert(sessions).values(
            digest=session.digest,
            key_id=session.key_id,
            subject=session.subject,
            name=session.name,
            role=session.role,
            everywhere=session.stores is None,
            created_at=session.created_at,
            expires_at=session.expires_at,
            address=session.address,
            last_used_at=session.last_used_at,
        )
    )
    rows = [{"digest": session.digest, "store": store} for store in session.stores or ()]
    if rows:
        connection.execute(sa.insert(session_stores), rows)


def end_session(connection: sa.Connection, digest: bytes) -> None:
    """Delete a session; one that is gone stays so."""
    connection.execute(sa.delete(session_stores).where(session_stores.c.digest == digest))
    connection.execute(sa.delete(sessions).where(_session.digest == digest))


def note_session_uses(connection: sa.Connection, uses: Mapping[bytes, int]) -> None:
    """Store when sessions were last used; another gateway may know of a later moment."""
    for digest, at in uses.items():
        earlier = _session.last_used_at.is_(None) | (_session.last_used_at < at)
        connection.execute(
            sa.update(sessions).where((_session.digest == digest) & earlier).values(last_used_at=at)
        )


def _stored(row: sa.Row[tuple[object, ...]], stores: set[str]) -> StoredSession:
    values = dict(row._mapping)
    everywhere = values.pop("everywhere")
    return StoredSession(**values, stores=None if everywhere else frozenset(stores))
