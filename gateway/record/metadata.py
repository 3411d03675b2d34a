"""What all tables of the record share."""

import sqlalchemy as sa

metadata = sa.MetaData()
"""All tables of the record, once `gateway.record.schema` is imported."""

Number = sa.BigInteger().with_variant(sa.Integer, "sqlite")
"""A key that the database counts up; SQLite does so for its own INTEGER alone."""

InOrder = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
"""Text in the order of its characters' numbers, as SQLite has it, on every server."""
