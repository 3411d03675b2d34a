"""An empty record again, for the next example of a property-based test."""

import sqlalchemy as sa

from gateway.record.schema import metadata


def wipe(connection: sa.Connection) -> None:
    for table in reversed(metadata.sorted_tables):
        connection.execute(sa.delete(table))
