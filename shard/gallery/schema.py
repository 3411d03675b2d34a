"""The tables of a gallery, as the migrations make them.

Every change of faces, templates and tombstones takes the next number `seq` of the store, so that a
reader that knows everything up to a number finds what came after it. A FaceId changes with its
templates.
"""

import sqlalchemy as sa

from service.sealed_columns import SealedVector

metadata = sa.MetaData()

meta = sa.Table(
    "meta",
    metadata,
    sa.Column("store", sa.Text, primary_key=True),
    sa.Column("seq", sa.Integer, nullable=False),
    sa.Column("imported", sa.Boolean, nullable=False),
    sa.Column("last_number", sa.Integer, nullable=False, server_default="0"),
)
"""One row: whose gallery this is, its last change, whether the store's folder is imported, and the
largest number that a FaceId ever had."""

faces = sa.Table(
    "faces",
    metadata,
    sa.Column("face_id", sa.Text, primary_key=True),
    sa.Column("seq", sa.Integer, nullable=False, unique=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("member_id", sa.Text),
    sa.Column("provisional", sa.Boolean, nullable=False),
    sa.Column("created_at", sa.Text, nullable=False, index=True),
    sa.Column("roams", sa.Boolean, nullable=False),
    sa.Column("number", sa.Integer, index=True, unique=True),
    sa.CheckConstraint("kind IN ('member', 'visitor')", name="known_kind"),
)
"""FaceIds. Each has at least one template. Other stores may search for a member who `roams`.

The index knows a FaceId by its `number`, which no other one ever gets.
"""

gone_faces = sa.Table(
    "gone_faces",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("seq", sa.Integer, nullable=False, unique=True),
    sa.Column("since", sa.Text, nullable=False),
)
"""Numbers of FaceIds that were removed, so that every index removes them too."""

templates = sa.Table(
    "templates",
    metadata,
    sa.Column("template_id", sa.Integer, primary_key=True),
    sa.Column("face_id", sa.Text, sa.ForeignKey("faces.face_id"), nullable=False, index=True),
    sa.Column("seq", sa.Integer, nullable=False, unique=True),
    sa.Column("vector", SealedVector, nullable=False),
    sa.Column("model", sa.Text, nullable=False),
    sa.Column("source", sa.Text, index=True),
    sa.Column("quality", sa.Float, nullable=False),
    sa.Column("created_at", sa.Text, nullable=False),
    sa.Column("learned_from", sa.Text, index=True),
    sa.Column("frames", sa.Integer, nullable=False, server_default="1"),
    sa.Column("picture", sa.Integer, index=True),
    sqlite_autoincrement=True,  # the number of an erased template is never given again
)
"""Face vectors: little-endian float32, fused from so many `frames`.

Of what was learned, the visit that it is from is known. Those of one enrolled picture, which may be
of several models, share its number `picture`: that of the first of them.
"""

tombstones = sa.Table(
    "tombstones",
    metadata,
    sa.Column("template_id", sa.Integer, primary_key=True),
    sa.Column("seq", sa.Integer, nullable=False, unique=True),
)
"""Templates that were removed, so that a repair does not bring them back."""

sources = sa.Table(
    "sources",
    metadata,
    sa.Column("source", sa.Text, primary_key=True),
    sa.Column("digest", sa.Text, nullable=False),
    sa.Column("face_id", sa.Text, nullable=False, index=True),
    sa.Column("outcome", sa.Text, nullable=False),
    sa.Column("reason", sa.Text),
    sa.CheckConstraint("outcome IN ('enrolled', 'refused', 'erased')", name="known_outcome"),
)
"""Pictures that were imported, and what came of them: an unchanged one is not encoded again."""

pictures = sa.Table(
    "pictures",
    metadata,
    sa.Column("named", sa.Text, primary_key=True),
    sa.Column("digest", sa.Text, primary_key=True),
    sa.Column("face_id", sa.Text, nullable=False, index=True),
    sa.Column("template_id", sa.Integer, index=True),
    sa.Column("erased", sa.Boolean, nullable=False),
)
"""Contents that files had: the FaceId that each came for, and what that is called by now.

The template that it gave, if any, may be gone. What is `erased` no import brings back.
"""

merges = sa.Table(
    "merges",
    metadata,
    sa.Column("merge", sa.Text, primary_key=True),
    sa.Column("into_face_id", sa.Text, nullable=False, index=True),
    sa.Column("from_face_id", sa.Text, nullable=False),
    sa.Column("before", sa.JSON, nullable=False),
    sa.Column("templates", sa.JSON, nullable=False),
)
"""FaceIds whose templates went to another one: what they were before, to undo it.

`into_face_id` is empty when nobody got them: the templates are `set_aside`.
"""

set_aside = sa.Table(
    "set_aside",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("merge", sa.Text, nullable=False, index=True),
    sa.Column("face_id", sa.Text, nullable=False, index=True),
    sa.Column("vector", SealedVector, nullable=False),
    sa.Column("model", sa.Text, nullable=False),
    sa.Column("source", sa.Text),
    sa.Column("quality", sa.Float, nullable=False),
    sa.Column("since", sa.Text, nullable=False, index=True),
    sa.Column("learned_from", sa.Text),
    sa.Column("frames", sa.Integer, nullable=False, server_default="1"),
    sa.Column("picture", sa.Integer, index=True),
)
"""Templates of FaceIds that turned out to be somebody else: in no index, until that is undone."""

kept_pictures = sa.Table(
    "kept_pictures",
    metadata,
    sa.Column("picture", sa.Integer, primary_key=True),
    sa.Column("size", sa.Integer, nullable=False, index=True),
    sa.Column("content", sa.LargeBinary, nullable=False),
)
"""Files of enrolled pictures, `size` bytes each, where the store keeps them.

Triggers delete one with the last template of its picture, set aside or not.
"""

agreements = sa.Table(
    "agreements",
    metadata,
    sa.Column("model", sa.Text, primary_key=True),
    sa.Column("second_model", sa.Text, primary_key=True),
    sa.Column("compared", sa.Integer, nullable=False),
    sa.Column("same", sa.Integer, nullable=False),
    sa.Column("both_unknown", sa.Integer, nullable=False),
    sa.Column("first_only", sa.Integer, nullable=False),
    sa.Column("second_only", sa.Integer, nullable=False),
    sa.Column("different", sa.Integer, nullable=False),
)
"""How often two models named the same people, while `model` served."""

distinctions = sa.Table(
    "distinctions",
    metadata,
    sa.Column("face_id", sa.Text, primary_key=True),
    sa.Column("other_face_id", sa.Text, primary_key=True),
    sa.Column("seq", sa.Integer, nullable=False, unique=True),
)
"""Who is not whom: a face that passes for both, and is as much like `face_id`, is `face_id`'s."""

IS_CACHE = "is_cache"
"""Marks tables of what can be made anew: a repair leaves them out."""

places = sa.Table(
    "places",
    metadata,
    sa.Column(
        "number", sa.Integer, sa.ForeignKey("faces.number", ondelete="CASCADE"), primary_key=True
    ),
    sa.Column("placing", sa.Integer, primary_key=True),
    sa.Column("seq", sa.Integer, nullable=False),
    sa.Column("mean", sa.Float, nullable=False),
    sa.Column("deviation", sa.Float, nullable=False),
    sqlite_with_rowid=False,
    info={IS_CACHE: True},
)
"""Where the mean vector of a FaceId is among a cohort, as long as its last change is `seq`.

`placing` stands for the model and the cohort (indexing/stored_places.py).
"""

snapshots = sa.Table(
    "snapshots",
    metadata,
    sa.Column("model", sa.Text, primary_key=True),
    sa.Column("mark", sa.Text, nullable=False),
    info={IS_CACHE: True},
)
"""The mark of the index's last snapshot by each model: a file with another mark is of another time,
or of another gallery."""
