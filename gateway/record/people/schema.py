"""Tables of persons, members and their FaceIds. Times are UTC in milliseconds since 1970."""

import sqlalchemy as sa

from gateway.record.metadata import InOrder, Number, metadata
from service.sealed_columns import SealedObject

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
    sa.Column("profile", SealedObject, nullable=False),
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
"""The outbox of bindings: FaceIds whose shard does not know yet which member they are bound to."""

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
    sa.CheckConstraint(
        "cause IN ('track', 'hand', 'reconciled', 'bound', 'alike')", name="known_cause"
    ),
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
    sa.Index("erasure_parts_of_face", "store", "face_id"),
)
"""What each store's shards have to erase, and what they confirmed.

Nothing reads `attempts` and `next_at`; gateways of older releases that run beside this one, on the
same PostgreSQL, write them.
"""
