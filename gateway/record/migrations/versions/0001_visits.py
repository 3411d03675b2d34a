"""First release of the gateway's record: visits, persons, members, traffic, events."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_Number = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "persons",
        sa.Column("person", _Number, primary_key=True),
        sa.Column("member", sa.Boolean, nullable=False),
        sa.Column("staff", sa.Boolean, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "identities",
        sa.Column("store", sa.Text, primary_key=True),
        sa.Column("face_id", sa.Text, primary_key=True),
        sa.Column("person", _Number, sa.ForeignKey("persons.person"), nullable=False, index=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("provisional", sa.Boolean, nullable=False),
        sa.Column("first_seen", sa.BigInteger, nullable=False),
        sa.Column("last_seen", sa.BigInteger, nullable=False, index=True),
        sa.CheckConstraint("kind IN ('member', 'visitor')", name="known_kind"),
    )
    op.create_table(
        "members",
        sa.Column("member_id", sa.Text, primary_key=True),
        sa.Column("person", _Number, sa.ForeignKey("persons.person"), nullable=False, unique=True),
        sa.Column("name", sa.Text),
        sa.Column("tags", sa.JSON, nullable=False),
        sa.Column("profile", sa.JSON, nullable=False),
        sa.Column("cross_store", sa.Boolean),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("updated_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "visits",
        sa.Column("visit", _Number, primary_key=True),
        sa.Column("store", sa.Text, nullable=False),
        sa.Column("camera", sa.Text),
        sa.Column("person", _Number),
        sa.Column("home_store", sa.Text),
        sa.Column("face_id", sa.Text),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("score", sa.Float),
        sa.Column("provisional", sa.Boolean, nullable=False),
        sa.Column("first_at", sa.BigInteger, nullable=False),
        sa.Column("last_at", sa.BigInteger, nullable=False),
        sa.Column("frames", sa.Integer, nullable=False),
        sa.Column("hour", sa.Integer, nullable=False),
        sa.Column("before_here", sa.Integer),
        sa.Column("before_anywhere", sa.Integer),
        sa.Column("member", sa.Boolean, nullable=False),
        sa.Column("counted", sa.Boolean, nullable=False),
        sa.CheckConstraint("kind IN ('home', 'roaming', 'new')", name="known_kind"),
        sa.Index("visits_of_person", "person", "hour"),
        sa.Index("visits_of_store", "store", "hour", "before_here", "counted"),
        sa.Index("visits_of_chain", "hour", "before_anywhere", "counted"),
        sa.Index(
            "visits_roaming",
            "hour",
            "store",
            "home_store",
            "before_here",
            "counted",
            sqlite_where=sa.text("kind = 'roaming'"),
            postgresql_where=sa.text("kind = 'roaming'"),
        ),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "tracks",
        sa.Column("store", sa.Text, primary_key=True),
        sa.Column("camera", sa.Text, primary_key=True),
        sa.Column("track", sa.Text, primary_key=True),
        sa.Column("visit", _Number, nullable=False, index=True),
        sa.Column("home_store", sa.Text),
        sa.Column("face_id", sa.Text),
        sa.Column("minted", sa.Boolean, nullable=False),
        sa.Column("opened", sa.Boolean, nullable=False),
        sa.Column("last_at", sa.BigInteger, nullable=False, index=True),
    )
    op.create_table(
        "traffic",
        sa.Column("store", sa.Text, primary_key=True),
        sa.Column("hour", sa.Integer, primary_key=True),
        *(
            sa.Column(name, sa.BigInteger, nullable=False)
            for name in (
                "pv",
                "new",
                "roaming",
                "members",
                "dwell_ms",
                "uv_hour",
                "uv_day",
                "uv_week",
                "chain_new",
                "chain_uv_hour",
                "chain_uv_day",
                "chain_uv_week",
            )
        ),
        sa.Index(
            "traffic_of_chain",
            "hour",
            "pv",
            "chain_new",
            "roaming",
            "members",
            "dwell_ms",
            "chain_uv_hour",
            "chain_uv_day",
            "chain_uv_week",
        ),
    )
    op.create_table(
        "returns",
        sa.Column("store", sa.Text, primary_key=True),
        sa.Column("day", sa.Integer, primary_key=True),
        sa.Column("before_day", sa.Integer, primary_key=True),
        sa.Column("visitors", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "events",
        sa.Column("seq", _Number, primary_key=True),
        sa.Column("store", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("payload", sa.JSON, nullable=False),
        sa.Index("events_of_store", "store", "seq"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "answers",
        sa.Column("store", sa.Text, primary_key=True),
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("claim", sa.Text, nullable=False),
        sa.Column("claimed_until", sa.BigInteger, nullable=False),
        sa.Column("body", sa.LargeBinary),
        sa.Column("expires_at", sa.BigInteger, nullable=False, index=True),
    )
    op.create_table(
        "merges",
        sa.Column("merge", _Number, primary_key=True),
        sa.Column("cause", sa.Text, nullable=False),
        sa.Column("into_person", _Number, nullable=False),
        sa.Column("from_person", _Number, nullable=False),
        sa.Column("faces", sa.JSON, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("applied_at", sa.BigInteger),
        sa.Column("undone_at", sa.BigInteger),
        sa.CheckConstraint("cause IN ('track', 'hand', 'reconciled', 'bound')", name="known_cause"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "distinctions",
        sa.Column("store", sa.Text, primary_key=True),
        sa.Column("face_id", sa.Text, primary_key=True),
        sa.Column("other_store", sa.Text, primary_key=True),
        sa.Column("other_face_id", sa.Text, primary_key=True),
        sa.Column("at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "erasures",
        sa.Column("erasure", sa.Text, primary_key=True),
        sa.Column("cause", sa.Text, nullable=False),
        sa.Column("member_id", sa.Text),
        sa.Column("requested_at", sa.BigInteger, nullable=False),
        sa.Column("completed_at", sa.BigInteger, index=True),
        sa.CheckConstraint("cause IN ('member', 'face', 'retention')", name="known_cause"),
    )
    op.create_table(
        "erasure_parts",
        sa.Column("erasure", sa.Text, sa.ForeignKey("erasures.erasure"), primary_key=True),
        sa.Column("store", sa.Text, primary_key=True),
        sa.Column("face_id", sa.Text, primary_key=True),
        sa.Column("confirmed_at", sa.BigInteger),
        sa.Column("confirmation", sa.JSON),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("next_at", sa.BigInteger, nullable=False, index=True),
    )
    op.create_table(
        "webhooks",
        sa.Column("webhook", sa.Text, primary_key=True),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("secret", sa.Text, nullable=False),
        sa.Column("store", sa.Text),
        sa.Column("created_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "webhook_cursors",
        sa.Column("webhook", sa.Text, sa.ForeignKey("webhooks.webhook"), primary_key=True),
        sa.Column("store", sa.Text, primary_key=True),
        sa.Column("seq", _Number, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("next_at", sa.BigInteger, nullable=False),
        sa.Column("last_error", sa.Text),
    )
