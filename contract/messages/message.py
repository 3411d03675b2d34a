"""What every message is made of: its base, and the types of its fields.

`score` is larger for more alike and means the same in every store, see `scoring.cohort`; a face
matches from the `threshold` on that was needed for it, which grows with the FaceIds searched.
`distance` is the L2 distance of the face vectors, from 0 to 2.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Kind = Literal["member", "visitor"]
Scope = Literal["members", "everyone"]
"""Which of a shard's indexes a search from outside may see."""
Match = Literal["home", "roaming", "new", "pending", "unknown"]
"""Who a face is: known at home, in another store, a stranger who has a FaceId from now on, one who
waits for a FaceId until the track has shown more, or one who gets none."""
Unfit = Literal["NO_FACE", "TOO_SMALL", "TOO_DARK", "BLURRED", "POSE"]
"""Why a face cannot be known again; the codes are those of refused enrolments."""
Outcome = Literal["enrolled", "replaced", "unchanged"]
TemplateId = Annotated[int, Field(ge=1, le=2**63 - 1, description="number of a picture")]
Distance = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Score = Annotated[float, Field(allow_inf_nan=False)]
Threshold = Annotated[
    Score | None, Field(description="the score that was needed; null when nothing was searched")
]
_FARTHEST = 1000.0
"""No place is so far away: what is let through stays finite in float32, and a divisor."""
Place = tuple[
    Annotated[float, Field(ge=-_FARTHEST, le=_FARTHEST, allow_inf_nan=False, strict=True)],
    Annotated[float, Field(ge=1 / _FARTHEST, le=_FARTHEST, allow_inf_nan=False, strict=True)],
]
"""How near strangers come to a face: mean and deviation, see `scoring.cohort.Places`."""


class Message(BaseModel):
    """Base of every message: unknown fields are ignored, so that old and new releases can talk."""

    model_config = ConfigDict(frozen=True)
