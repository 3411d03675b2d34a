"""The table of members' decisions. Times are UTC in milliseconds since 1970."""

import sqlalchemy as sa

from gateway.record.metadata import InOrder, metadata

consents = sa.Table(
    "consents",
    metadata,
    sa.Column(
        "member_id",
        InOrder,
        sa.ForeignKey("members.member_id", ondelete="CASCADE"),
        primary_key=True,
    ),
    sa.Column("at", sa.BigInteger, primary_key=True),
    sa.Column("cross_store", sa.Boolean),
    sa.Column("text", sa.Text),
    sa.Column("taken_by", sa.Text),
)
"""What members decided, and when. The last one is what `members.cross_store` says.

A gateway of an older release that runs beside this one, on the same PostgreSQL, changes
`cross_store` without a decision; when it erases a member, the decisions go by the cascade.
"""
