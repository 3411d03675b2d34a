"""Tables of the audit trail. Times are UTC in milliseconds since 1970."""

import sqlalchemy as sa

from gateway.record.metadata import metadata

audit = sa.Table(
    "audit",
    metadata,
    sa.Column("writer", sa.Text, primary_key=True),
    sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("at", sa.BigInteger, nullable=False, index=True),
    sa.Column("who", sa.Text),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("store", sa.Text),
    sa.Column("entry", sa.Text, nullable=False),
)
"""Entries, each in the chain of its writer. `entry` is what counts: the line as it is in the file,
see `contract.audit_chain`; the other columns are there to search by."""

audit_subjects = sa.Table(
    "audit_subjects",
    metadata,
    sa.Column("writer", sa.Text, primary_key=True),
    sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("place", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("store", sa.Text),
    sa.Column("name", sa.Text),
    sa.Column("salt", sa.Text),
    sa.Column("said", sa.Text),
    sa.Column("erasure", sa.Text),
    sa.ForeignKeyConstraint(["writer", "number"], ["audit.writer", "audit.number"]),
    sa.CheckConstraint("kind IN ('member', 'face')", name="known_kind"),
    sa.Index("audit_of_subject", "name", "store"),
    sa.Index("audit_of_erasure", "erasure"),
)
"""Whom entries are about. `said` is what the salted digest in the entry was made of; `store` and
`name` are how the person is called now. All of it goes with an erasure, and `erasure` stays."""
