"""Members that are found however their names are written, and enrolments that are under way."""

import sqlalchemy as sa
from alembic import op

from contract.text.plain_text import folded

revision = "0003"
down_revision = "0002"

_members = sa.table(
    "members",
    *(sa.column(name) for name in ("member_id", "name", "folded_id", "folded_name")),
    sa.column("tags", sa.JSON),
)
_tags = sa.table("member_tags", sa.column("member_id"), sa.column("tag"))


def upgrade() -> None:
    """Add the column and the table, and fold what is stored."""
    op.add_column("members", sa.Column("folded_id", sa.Text, nullable=False, server_default=""))
    op.create_table(
        "enrolments",
        sa.Column("enrolment", sa.Text, primary_key=True),
        sa.Column("store", sa.Text, nullable=False),
        sa.Column("face_id", sa.Text, nullable=False),
        sa.Column("member_id", sa.Text, nullable=False),
        sa.Column("until", sa.BigInteger, nullable=False),
        sa.Index("enrolments_of_face", "store", "face_id"),
    )
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        for table in ("members", "member_tags"):
            op.execute(f'ALTER TABLE {table} ALTER COLUMN member_id TYPE text COLLATE "C"')
    rows = connection.execute(sa.select(_members)).all()
    connection.execute(sa.delete(_tags))
    for row in rows:
        values = {"folded_id": folded(row.member_id), "folded_name": folded(row.name or "")}
        this = _members.c.member_id == row.member_id
        connection.execute(sa.update(_members).where(this).values(values))
        for tag in {folded(tag) for tag in row.tags}:
            connection.execute(sa.insert(_tags).values(member_id=row.member_id, tag=tag))
