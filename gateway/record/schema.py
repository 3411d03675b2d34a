"""The record's tables. Times are UTC in milliseconds since 1970.

`hour` is an hour on the clock of the visit's store: hours since 1970-01-01 00:00 as that clock
showed them. Days and weeks follow from it by division, in every time zone.
"""

import sqlalchemy as sa

metadata = sa.MetaData()

Number = sa.BigInteger().with_variant(sa.Integer, "sqlite")
"""A key that the database counts up; SQLite does so for its own INTEGER alone."""

InOrder = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
"""Text in the order of its characters' numbers, as SQLite has it, on every server."""

persons = sa.Table(
    "persons",
    metadata,
    sa.Column("person", Number, primary_key=True),
    sa.Column("member", sa.Boolean, nullable=False),
    sa.Column("staff", sa.Boolean, nullable=False),
    sqlite_autoincrement=True,
)
"""Who UV counts: one human, known by one or more FaceIds. Staff are not counted."""

identities = sa.Table(
    "identities",
    metadata,
    sa.Column("store", sa.Text, primary_key=True),
    sa.Column("face_id", sa.Text, primary_key=True),
    sa.Column("person", Number, sa.ForeignKey("persons.person"), nullable=False, index=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("provisional", sa.Boolean, nullable=False),
    sa.Column("first_seen", sa.BigInteger, nullable=False),
    sa.Column("last_seen", sa.BigInteger, nullable=False, index=True),
    sa.CheckConstraint("kind IN ('member', 'visitor')", name="known_kind"),
)
"""Whose FaceId it is. `store` is the FaceId's home; `last_seen` is right to the hour."""

members = sa.Table(
    "members",
    metadata,
    sa.Column("member_id", InOrder, primary_key=True),
    sa.Column("person", Number, sa.ForeignKey("persons.person"), nullable=False, unique=True),
    sa.Column("name", sa.Text),
    sa.Column("tags", sa.JSON, nullable=False),
    sa.Column("profile", sa.JSON, nullable=False),
    sa.Column("cross_store", sa.Boolean),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("updated_at", sa.BigInteger, nullable=False),
    sa.Column("folded_name", sa.Text, nullable=False),
    sa.Column("folded_id", sa.Text, nullable=False),
)
"""Customers. The FaceIds bound to one are the identities of its person.

`cross_store` is null until a profile says it: the map's option of the store decides until then.
`folded_name` and `folded_id` are name and id as searches look for them, see
`contract.text.plain_text.folded`.
"""

member_tags = sa.Table(
    "member_tags",
    metadata,
    sa.Column("member_id", InOrder, sa.ForeignKey("members.member_id"), primary_key=True),
    sa.Column("tag", sa.Text, primary_key=True),
    sa.Index("members_of_tag", "tag", "member_id"),
)
"""The tags once more, as searches look for them."""

enrollments = sa.Table(
    "enrolments",
    metadata,
    sa.Column("enrolment", sa.Text, key="enrollment", primary_key=True),
    sa.Column("store", sa.Text, nullable=False),
    sa.Column("face_id", sa.Text, nullable=False),
    sa.Column("member_id", sa.Text, nullable=False),
    sa.Column("until", sa.BigInteger, nullable=False),
    sa.Index("enrolments_of_face", "store", "face_id"),
)
"""FaceIds that a shard is about to store for a member; the next moments show whether it has."""

face_tasks = sa.Table(
    "face_tasks",
    metadata,
    sa.Column("store", sa.Text, primary_key=True),
    sa.Column("face_id", sa.Text, primary_key=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
)
"""FaceIds whose shard has to be told whose they are now; the identities say what."""

visits = sa.Table(
    "visits",
    metadata,
    sa.Column("visit", Number, primary_key=True),
    sa.Column("store", sa.Text, nullable=False),
    sa.Column("camera", sa.Text),
    sa.Column("person", Number),
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
    sa.Column("sightings", sa.Text, nullable=False, server_default=""),
    sa.CheckConstraint("kind IN ('home', 'roaming', 'new')", name="known_kind"),
    sa.Index("visits_of_person", "person", "hour"),
    sa.Index("visits_of_face", "home_store", "face_id", "hour"),
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
"""One person in one store. `person`, `home_store` and `face_id` are null once they are erased.

`before_here` and `before_anywhere`: the hour of the same person's visit before this one, in this
store and in the whole chain; null when there is none. So distinct visitors of any range are the
visits in it whose predecessor is not, and stay countable after the identity is gone.
`member` and `counted` repeat what the person is now. `sightings` are the names under which the
store's shards keep the vectors of the last frames for a while, with spaces between.
"""

tracks = sa.Table(
    "tracks",
    metadata,
    sa.Column("store", sa.Text, primary_key=True),
    sa.Column("camera", sa.Text, primary_key=True),
    sa.Column("track", sa.Text, primary_key=True),
    sa.Column("visit", Number, nullable=False, index=True),
    sa.Column("home_store", sa.Text),
    sa.Column("face_id", sa.Text),
    sa.Column("minted", sa.Boolean, nullable=False),
    sa.Column("opened", sa.Boolean, nullable=False),
    sa.Column("last_at", sa.BigInteger, nullable=False, index=True),
)
"""Which visit a camera's track is, and who it was last taken for; kept for a day."""

traffic = sa.Table(
    "traffic",
    metadata,
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
"""Sums over the counted visits that began in an hour, kept in the transaction that changes them.

`uv_day` counts the visits that are their person's first of the day in the store, `chain_uv_day`
those that are the first in any store; hour and week likewise.
"""

returns = sa.Table(
    "returns",
    metadata,
    sa.Column("store", sa.Text, primary_key=True),
    sa.Column("day", sa.Integer, primary_key=True),
    sa.Column("before_day", sa.Integer, primary_key=True),
    sa.Column("visitors", sa.BigInteger, nullable=False),
)
"""How many of a day's visitors were there last on which day, −1 for never; kept like `traffic`.

`store` is empty for the chain. The distinct visitors of any days are those who were there last
before the first of them: a few thousand rows instead of every visit of a year.
"""

events = sa.Table(
    "events",
    metadata,
    sa.Column("seq", Number, primary_key=True),
    sa.Column("store", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("payload", sa.JSON, nullable=False),
    sa.Index("events_of_store", "store", "seq"),
    sqlite_autoincrement=True,
)
"""What happened, written with what it tells: the outbox of live feeds and webhooks.

`seq` grows within a store (see store_order); `store` is empty for what concerns the whole chain.
"""

answers = sa.Table(
    "answers",
    metadata,
    sa.Column("store", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("digest", sa.Text, nullable=False),
    sa.Column("claim", sa.Text, nullable=False),
    sa.Column("claimed_until", sa.BigInteger, nullable=False),
    sa.Column("body", sa.LargeBinary),
    sa.Column("expires_at", sa.BigInteger, nullable=False, index=True),
)
"""Answers by idempotency key. `body` is null while the first request is under way."""

merges = sa.Table(
    "merges",
    metadata,
    sa.Column("merge", Number, primary_key=True),
    sa.Column("cause", sa.Text, nullable=False),
    sa.Column("into_person", Number, nullable=False),
    sa.Column("from_person", Number, nullable=False),
    sa.Column("faces", sa.JSON, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("applied_at", sa.BigInteger),
    sa.Column("undone_at", sa.BigInteger),
    sa.Column("into_store", sa.Text),
    sa.Column("into_face_id", sa.Text),
    sa.Column("from_store", sa.Text),
    sa.Column("from_face_id", sa.Text),
    sa.Column("member_id", sa.Text),
    sa.CheckConstraint("cause IN ('track', 'hand', 'reconciled', 'bound')", name="known_cause"),
    sqlite_autoincrement=True,
)
"""Persons that were found to be one. `faces` are the [store, FaceId] pairs that moved.

`from_face_id` is the FaceId that was found to be `into_face_id`; null where a whole person was
bound. `member_id` is the member whose person changed with it. `applied_at` is when the shards had
brought their templates in line with it, null again once they had undone it.
"""

distinctions = sa.Table(
    "distinctions",
    metadata,
    sa.Column("store", sa.Text, primary_key=True),
    sa.Column("face_id", sa.Text, primary_key=True),
    sa.Column("other_store", sa.Text, primary_key=True),
    sa.Column("other_face_id", sa.Text, primary_key=True),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("applied_at", sa.BigInteger),
)
"""Pairs of FaceIds that somebody said are not the same person."""

renames = sa.Table(
    "renames",
    metadata,
    sa.Column("rename", Number, primary_key=True),
    sa.Column("store", sa.Text, nullable=False),
    sa.Column("face_id", sa.Text, nullable=False),
    sa.Column("new_face_id", sa.Text, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("done_at", sa.BigInteger, index=True),
    sa.Column("refusal", sa.Text),
    sqlite_autoincrement=True,
)
"""FaceIds that get another name: first in their shard, then, at `done_at`, in the record.

`refusal` says why the shard did not do it: then nothing has changed.
"""

erasures = sa.Table(
    "erasures",
    metadata,
    sa.Column("erasure", sa.Text, primary_key=True),
    sa.Column("cause", sa.Text, nullable=False),
    sa.Column("member_id", sa.Text),
    sa.Column("requested_at", sa.BigInteger, nullable=False),
    sa.Column("completed_at", sa.BigInteger, index=True),
    sa.CheckConstraint("cause IN ('member', 'face', 'retention')", name="known_cause"),
)
"""Erasures and their receipts."""

erasure_parts = sa.Table(
    "erasure_parts",
    metadata,
    sa.Column("erasure", sa.Text, sa.ForeignKey("erasures.erasure"), primary_key=True),
    sa.Column("store", sa.Text, primary_key=True),
    sa.Column("face_id", sa.Text, primary_key=True),
    sa.Column("confirmed_at", sa.BigInteger),
    sa.Column("confirmation", sa.JSON),
    sa.Column("attempts", sa.Integer, nullable=False, default=0),
    sa.Column("next_at", sa.BigInteger, nullable=False, default=0, index=True),
)
"""What each store's shards have to erase, and what they confirmed.

Nothing reads `attempts` and `next_at`; gateways of older releases that run beside this one, on the
same PostgreSQL, write them.
"""

webhooks = sa.Table(
    "webhooks",
    metadata,
    sa.Column("webhook", sa.Text, primary_key=True),
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("secret", sa.Text, nullable=False),
    sa.Column("store", sa.Text),
    sa.Column("created_at", sa.BigInteger, nullable=False),
)
"""Receivers of events: of one store, or of all when `store` is null."""

webhook_cursors = sa.Table(
    "webhook_cursors",
    metadata,
    sa.Column("webhook", sa.Text, sa.ForeignKey("webhooks.webhook"), primary_key=True),
    sa.Column("store", sa.Text, primary_key=True),
    sa.Column("seq", Number, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("next_at", sa.BigInteger, nullable=False),
    sa.Column("last_error", sa.Text),
)
"""The last event of each store that a receiver has confirmed."""

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
