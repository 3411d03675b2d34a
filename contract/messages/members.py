"""Members as the gateway's API shows them: who they are, what they agreed to, their FaceIds."""

import json
from collections.abc import Sequence
from typing import Annotated

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
)

from contract.messages.faces import VisitHistory
from contract.messages.message import Message
from contract.messages.privacy.consent import Consent
from contract.text.identifiers import FaceId, MemberName, Tag
from contract.text.plain_text import folded, normalize_text
from contract.text.strict_json import check_json

MAX_PROFILE_BYTES = 16_384
MAX_FORMER = 1000
"""Earlier decisions that can be written at once."""
STAFF = "staff"
"""The tag of those who work here: their visits are not counted."""


def _none_if_blank(name: object) -> object:
    return None if isinstance(name, str) and not normalize_text(name) else name


def is_staff(tags: Sequence[str]) -> bool:
    """Say whether a member with these tags works here."""
    return STAFF in map(folded, tags)


def _distinct(tags: list[str]) -> list[str]:
    return sorted(set(tags))


def _bounded(profile: dict[str, JsonValue]) -> dict[str, JsonValue]:
    text = json.dumps(check_json(profile), ensure_ascii=False)
    if len(text.encode()) > MAX_PROFILE_BYTES:
        raise ValueError(f"is longer than {MAX_PROFILE_BYTES} bytes of JSON")
    return profile


def _few_decisions(consent: Consent) -> Consent:
    if len(consent.former) > MAX_FORMER:
        raise ValueError(f"has more than {MAX_FORMER} former decisions")
    return consent


class MemberDraft(BaseModel):
    """What can be written about a member; what is left out is empty."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[MemberName | None, BeforeValidator(_none_if_blank)] = None
    tags: Annotated[list[Tag], Field(max_length=32), AfterValidator(_distinct)] = []
    profile: Annotated[dict[str, JsonValue], AfterValidator(_bounded)] = {}
    consent: Annotated[Consent, AfterValidator(_few_decisions)] = Consent()


class BoundFace(Message):
    """A FaceId of a member. `pending`: its store's shard has not been told yet, but will be."""

    store: str
    face_id: str
    pending: bool = False


class Member(Message):
    """A member."""

    member_id: str
    name: str | None = None
    tags: list[str] = Field(default=[])
    profile: dict[str, JsonValue] = Field(default={})
    consent: Consent = Consent()
    faces: list[BoundFace] = Field(default=[])
    visits: VisitHistory
    created_at: str
    updated_at: str


class MemberPage(Message):
    """Members in the order of their ids; `next_after` starts the next page."""

    members: list[Member]
    next_after: str | None = None


class FaceRef(Message):
    """A FaceId of a store."""

    store: str
    face_id: str


class MergeDraft(BaseModel):
    """Two FaceIds that are one person: `from` becomes `into`."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    into: FaceRef
    source: FaceRef = Field(alias="from")


class MergeState(Message):
    """A merge. `pending`: the store's shard has not been told yet, but will be."""

    model_config = ConfigDict(frozen=True, populate_by_name=True)

    merge: str
    cause: str
    into: FaceRef
    source: FaceRef = Field(alias="from")
    at: str
    undone_at: str | None = None
    pending: bool = False


class RenameDraft(BaseModel):
    """The name that a FaceId is to get."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    face_id: FaceId


class RenameState(Message):
    """A FaceId under its new name. `pending`: its shard has not confirmed yet, but will be told."""

    face: FaceRef
    former: str
    pending: bool = False


class NotDraft(BaseModel):
    """Who a FaceId is not: another FaceId, or whoever came in a visit."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    store: str | None = None
    face_id: str | None = None
    visit: str | None = None


class NotAnswer(Message):
    """What is known now. `pending`: the store's shard has not been told yet, but will be.

    `undone` is the merge that this has undone.
    """

    face: FaceRef
    other: FaceRef | None = None
    visit: str | None = None
    undone: str | None = None
    pending: bool = False
