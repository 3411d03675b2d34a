"""Tables of visits, footfall and answers to cameras. Times are UTC in milliseconds since 1970.

`hour` is an hour on the clock of the visit's store: hours since 1970-01-01 00:00 as that clock
showed them. Days and weeks follow from it by division, in every time zone.
"""

import sqlalchemy as sa

from gateway.record.metadata import Number, metadata
from service.sealed_columns import SealedVector

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
    sa.Column("last_camera", sa.Text),
    sa.Column("last_camera_at", sa.BigInteger),
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
store's shards keep the vectors of the last frames for a while, with spaces between. `camera` has
seen the person first, `last_camera` last, at `last_camera_at`; null in visits of earlier releases.
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

pending_visits = sa.Table(
    "pending_visits",
    metadata,
    sa.Column("visit", Number, primary_key=True, autoincrement=False),
    sa.Column("store", sa.Text, nullable=False),
    sa.Column("vector", SealedVector, nullable=False),
    sa.Column("model", sa.Text, nullable=False),
    sa.Column("frames", sa.Integer, nullable=False),
    sa.Column("provisional", sa.Boolean, nullable=False),
    sa.Column("due_at", sa.BigInteger, nullable=False, index=True),
)
"""Visits of tracks that are not named yet: of a person of their own, without a FaceId.

`vector`, of `model`, is fused from `frames` pictures; the row is deleted once the visit is named,
or erased. `provisional`: not every store has said whether it knows the person. A track that is
quiet is named at `due_at`. It is a table of its own because the name of a track may be used again
before.
"""

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

unfit_faces = sa.Table(
    "unfit_faces",
    metadata,
    sa.Column("store", sa.Text, primary_key=True),
    sa.Column("hour", sa.Integer, primary_key=True),
    sa.Column("camera", sa.Text, primary_key=True),
    sa.Column("reason", sa.Text, primary_key=True),
    sa.Column("faces", sa.BigInteger, nullable=False),
)
"""How many faces a camera showed in an hour of its store that nobody would know again, and why.

`camera` is empty where the camera does not say which it is.
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
