"""Looking again at visitors: what shards find among theirs, and what the gateway made of it."""

from pydantic import ConfigDict, Field

from contract.messages.members import FaceRef
from contract.messages.message import Message, Place, Score


class AlikeGroup(Message):
    """FaceIds of a store's visitors that are one person, the oldest first.

    `score` is the mean score of the two parts of it that are least alike.
    """

    face_ids: list[str]
    score: Score


class DividedFace(Message):
    """A visitor's FaceId that looks like two people: the mean `score` of its two parts is low."""

    face_id: str
    score: Score


class AlikeVisitors(Message):
    """What a shard finds among its `visitors`: a mean score of `limit` makes two groups one."""

    store: str
    visitors: int
    limit: float
    groups: list[AlikeGroup]
    divided: list[DividedFace]


class VisitorVector(Message):
    """A visitor's FaceId, the mean direction of its templates, and its place among the cohort.

    `vector` is base64 of the little-endian float32.
    """

    face_id: str
    vector: str
    place: Place


class VisitorVectors(Message):
    """Visitors in the order of their FaceIds; `cohort` names those who the places are among.

    A score of `needed` makes two FaceIds one person.
    """

    store: str
    model: str
    cohort: str | None
    needed: Score
    faces: list[VisitorVector]


class MergedVisitors(Message):
    """Two FaceIds of visitors that are one person now; `merge` is the number, to undo it."""

    model_config = ConfigDict(frozen=True, populate_by_name=True)

    merge: str
    into: FaceRef
    source: FaceRef = Field(alias="from")
    score: Score


class FlaggedVisitor(Message):
    """A FaceId that looks like two people; nothing has changed about it."""

    store: str
    face_id: str
    score: Score


class LookReport(Message):
    """What looking again has done.

    `kept_apart` counts FaceIds that were alike and were not merged: somebody said that they are not
    one person, or one of them is a member's by now. `failed` says of which stores not everything
    could be looked at, and why.
    """

    stores: list[str]
    visitors: int
    merged: list[MergedVisitors]
    kept_apart: int
    flagged: list[FlaggedVisitor]
    failed: dict[str, str]
