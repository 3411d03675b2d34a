"""Tables of cameras. Times are in milliseconds since 1970, by the clock that does not jump."""

from typing import get_args

import sqlalchemy as sa

from contract.messages.message import Unfit
from gateway.record.metadata import metadata

cameras = sa.Table(
    "cameras",
    metadata,
    sa.Column("store", sa.Text, primary_key=True),
    sa.Column("camera", sa.Text, primary_key=True),
    sa.Column("first_at", sa.BigInteger, nullable=False),
    sa.Column("last_at", sa.BigInteger, nullable=False, index=True),
    sa.Column("taken_at", sa.BigInteger),
    sa.Column("agent", sa.Text),
    sa.Column("agent_status", sa.JSON(none_as_null=True)),
    sa.Column("refusal", sa.Text),
    sa.Column("silent_since", sa.BigInteger),
)
"""Cameras that have sent something, listed or not. `camera` is empty for pictures that name none.

`first_at` and `last_at` are when something arrived, `taken_at` when the last frame was taken.
`agent` is what posts for it, `agent_status` what that has said last of itself, `refusal` the code
of the last refusal. `silent_since` is null unless it is missed.
"""

UNFIT: dict[Unfit, str] = {reason: reason.lower() for reason in get_args(Unfit)}
"""The columns that count faces which nobody would know again, by the reason."""
SUMS = ("frames", "faces", "empty", "refused", "width", *UNFIT.values())

camera_hours = sa.Table(
    "camera_hours",
    metadata,
    sa.Column("store", sa.Text, primary_key=True),
    sa.Column("camera", sa.Text, primary_key=True),
    sa.Column("hour", sa.Integer, primary_key=True, index=True),
    *(sa.Column(name, sa.BigInteger, nullable=False) for name in SUMS),
    sa.Column("ahead_ms", sa.BigInteger),
)
"""What a camera sent in an hour, counted since 1970 in UTC: frames, faces, frames without a face,
frames that were refused, the sum of the faces' widths in pixels.

`ahead_ms` is the most by which a frame's time was ahead of its arrival: that of the frame that came
the fastest, so that frames that had to wait do not make its clock slow. Null where none says it.
"""
