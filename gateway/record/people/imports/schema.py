"""Tables of imports that run as jobs. Times are UTC in milliseconds since 1970."""

import sqlalchemy as sa

from gateway.record.metadata import InOrder, Number, metadata
from service.sealed_columns import SealedBytes, SealedObject

imports = sa.Table(
    "imports",
    metadata,
    sa.Column("number", Number, primary_key=True),
    sa.Column("id", sa.Text, nullable=False, unique=True),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("outcome", sa.Text),
    sa.Column("partial", sa.Boolean, nullable=False),
    sa.Column("key", sa.Text),
    sa.Column("parts", sa.Integer, nullable=False),
    sa.Column("bytes", sa.BigInteger, nullable=False),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("deadline", sa.BigInteger, nullable=False),
    sa.Column("ended_at", sa.BigInteger),
    sa.Column("lines", sa.Integer),
    sa.Column("checked", sa.Integer, nullable=False),
    sa.Column("written", sa.Integer, nullable=False),
    sa.Column("created", sa.Integer, nullable=False),
    sa.Column("updated", sa.Integer, nullable=False),
    sa.Column("refused", sa.Integer, nullable=False),
    sa.Column("refused_lines", sa.JSON, nullable=False),
    sa.Column("kept", sa.Integer, nullable=False),
    sa.Column("reason", sa.Text),
    sa.Column("runner", sa.Text),
    sa.Column("alive_at", sa.BigInteger, nullable=False),
    sqlite_autoincrement=True,
)
"""Imports. `runner` is the gateway that works on it, and `alive_at` when it last did: another one
goes on with what nobody has worked on for a while. `outcome` is the state after `undoing`.
"""

import_parts = sa.Table(
    "import_parts",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("part", sa.Integer, primary_key=True),
    sa.Column("body", SealedBytes, nullable=False),
)
"""The table that was sent, in the parts in which it came, encrypted where there is a key; deleted
when the import ends."""

import_undo = sa.Table(
    "import_undo",
    metadata,
    sa.Column("undo", Number, primary_key=True),
    sa.Column("id", sa.Text, nullable=False),
    sa.Column("member_id", InOrder, nullable=False, index=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("before", SealedObject),
    sa.Column("bound", sa.JSON, nullable=False),
    sqlite_autoincrement=True,
)
"""What the lines of the import that is under way found: the member as it was `before`, null for one
who is new, and the FaceIds that were `bound`. `version` is when the line was written.
"""
