"""The record's tables: those of each folder, and the clock's."""

import sqlalchemy as sa

from gateway.record.access import schema as access_tables
from gateway.record.audit import schema as audit_tables
from gateway.record.cameras import schema as camera_tables
from gateway.record.feed import schema as feed_tables
from gateway.record.metadata import metadata
from gateway.record.people import schema as people_tables
from gateway.record.people.consent import schema as consent_tables
from gateway.record.people.imports import schema as import_tables
from gateway.record.visits import schema as visit_tables

__all__ = [
    "access_tables",
    "audit_tables",
    "camera_tables",
    "clock",
    "consent_tables",
    "feed_tables",
    "import_tables",
    "metadata",
    "people_tables",
    "visit_tables",
]

clock = sa.Table(
    "clock",
    metadata,
    sa.Column("clock", sa.Integer, primary_key=True),
    sa.Column("believed", sa.BigInteger, nullable=False),
    sa.Column("shown", sa.BigInteger, nullable=False),
    sa.Column("stood", sa.BigInteger, nullable=False),
)
"""One row, `clock` 1: the time that things expire by, what the clock showed, and for how many
milliseconds it had shown a time that was not believed yet. See `gateway.clock.steady_clock`."""
