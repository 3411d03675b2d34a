"""Profiles and webhooks' secrets that were stored without the key that is used now."""

import logging
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from contract.errors import ConfigurationError, StorageForeign
from gateway.record.database import Database
from gateway.record.feed.schema import webhooks
from gateway.record.people.schema import members
from service.seal import own_seal
from service.sealed_columns import is_stored_otherwise

log = logging.getLogger(__name__)

COLUMNS: list[tuple[sa.Column[str], sa.Column[Any]]] = [
    (webhooks.c.webhook, webhooks.c.secret),
    (members.c.member_id, members.c.profile),
]
"""What is encrypted in the record for good, each with the key of its table."""
_AT_ONCE = 500
"""Rows of one transaction."""


async def store_anew(database: Database) -> None:
    """Store all profiles and secrets as this process stores them, some in each transaction.

    In SQLite nothing of what was there before is left in the file and beside it.
    Raises StorageError; what was stored anew stays so.
    """
    total = 0
    for key, column in COLUMNS:
        while names := await database.read(None, stored_otherwise, key, column, _AT_ONCE):
            await database.write(None, reseal, key, column, names)
            total += len(names)
    if total:
        database.mark_erased()
        await database.scrub()
        log.info("%d profiles and secrets are stored anew", total)


def stored_otherwise(
    connection: sa.Connection, key: sa.Column[str], column: sa.Column[Any], most: int
) -> Sequence[str]:
    """Return up to `most` keys of rows that would be stored otherwise now."""
    query = sa.select(key).where(is_stored_otherwise(column)).limit(most)
    return connection.scalars(query).all()


def reseal(
    connection: sa.Connection, key: sa.Column[str], column: sa.Column[Any], names: Sequence[str]
) -> None:
    """Store the rows of these keys as they would be now; in nothing else do they change.

    In PostgreSQL nobody else writes them meanwhile.
    """
    rows = sa.select(key.label("key"), column.label("opened")).where(key.in_(names))
    for row in connection.execute(rows.with_for_update()).all():
        change = sa.update(key.table).where(key == row.key)
        connection.execute(change.values({column.name: row.opened}))


async def check_keys(database: Database) -> None:
    """Raise ConfigurationError where this process lacks the key for what is in the record.

    So it does where the keys cannot be read. Looked at are the first and the last of each kind: a
    key changes from one end to the other.
    """
    own_seal()
    try:
        await database.read(None, _ends)
    except StorageForeign as error:
        raise ConfigurationError(f"the record: {error.detail}") from error


def _ends(connection: sa.Connection) -> None:
    for key, column in COLUMNS:
        for order in (key.asc(), key.desc()):
            connection.execute(sa.select(column).order_by(order).limit(1)).all()
