"""Profiles and webhooks' secrets that were stored without the key that is used now."""

import logging

import sqlalchemy as sa

from contract.errors import ConfigurationError, StorageForeign
from gateway.record.database import Database
from gateway.record.feed.schema import webhooks
from gateway.record.people.schema import members
from service.seal import own_seal
from service.sealed_columns import is_sealed_now

log = logging.getLogger(__name__)

COLUMNS = [(webhooks.c.webhook, webhooks.c.secret), (members.c.member_id, members.c.profile)]
"""What is encrypted in the record for good, each with the key of its table."""
_AT_ONCE = 500
"""Rows of one transaction: some 10 ms."""


async def store_anew(database: Database) -> None:
    """Store all profiles and secrets as this process stores them, some in each transaction.

    In SQLite nothing of what was there before is left in the file and beside it.
    Raises StorageError; what was stored anew stays so.
    """
    total = 0
    for key, column in COLUMNS:
        last: str | None = ""
        while last is not None:
            last, renewed = await database.write(None, reseal, key, column, last, _AT_ONCE)
            total += renewed
    if total:
        database.mark_erased()
        await database.scrub()
        log.info("%d profiles and secrets are stored anew", total)


def reseal(
    connection: sa.Connection, key: sa.Column[str], column: sa.Column[str], after: str, most: int
) -> tuple[str | None, int]:
    """Store `most` rows from that `after` on as they would be now.

    Returns the last one, None where there are no more, and how many were stored anew. Rows change
    in nothing else: a member's version stays.
    """
    rows = connection.execute(_rows(key, column).where(key > after).limit(most)).all()
    others = [row.key for row in rows if not is_sealed_now(row.stored)]
    for name, opened in connection.execute(sa.select(key, column).where(key.in_(others))).all():
        connection.execute(sa.update(key.table).where(key == name).values({column.name: opened}))
    return (rows[-1].key if len(rows) == most else None), len(others)


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


def _rows(key: sa.Column[str], column: sa.Column[str]) -> sa.Select[tuple[str, object]]:
    """Select keys and what is stored, in order; in PostgreSQL nobody else writes them meanwhile."""
    stored = sa.type_coerce(column, column.type.impl_instance)  # type: ignore[attr-defined]  # of a TypeDecorator
    return sa.select(key.label("key"), stored.label("stored")).order_by(key).with_for_update()
