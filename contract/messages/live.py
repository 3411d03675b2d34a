"""What the live feed, the webhooks and the till tell of a visit. Times are ISO 8601, in UTC."""

from typing import Literal

from pydantic import Field

from contract.messages.face import MemberCard
from contract.messages.message import Kind, Message

Change = Literal["opened", "extended", "revised"]
"""What became of a visit. `extended` is told once a minute; `revised`: it is somebody else's, or of
another kind, than was told before."""


class LastVisit(Message):
    """A person's visit before this one."""

    store: str
    at: str


class VisitCard(Message):
    """A visit and who it is, as of the moment of the telling.

    How often and where this person came is told as of the visit: with it, without later ones.
    """

    visit: str
    store: str
    camera: str | None = Field(default=None, description="which has seen the person first")
    last_camera: str | None = Field(default=None, description="which has seen the person last")
    match: Literal["home", "roaming", "new", "pending"] = Field(
        description="`pending`: a stranger, as far as is known, who has no FaceId yet"
    )
    person: str | None = Field(
        default=None, description="whose visit it is: equal on all cards of one person"
    )
    kind: Kind
    face_id: str | None = None
    home: str | None = Field(default=None, description="the store that knows the face")
    member: MemberCard | None = None
    staff: bool = False
    score: float | None = None
    provisional: bool = False
    first_at: str
    last_at: str
    visits: int = Field(description="of this person in the whole chain, this one included")
    visits_here: int = Field(description="of this person in this store, this one included")
    last_visit: LastVisit | None = None
    usual_store: str | None = Field(
        default=None,
        description="where this person comes most; of several such stores, where they came last",
    )

    @property
    def is_nobody(self) -> bool:
        """True when the visit has no FaceId and waits for none: who came was erased, or is lost."""
        return self.face_id is None and self.match != "pending"


class VisitEvent(Message):
    """`event: visit` of the live feed, and what a webhook gets."""

    change: Change
    at: str
    card: VisitCard
    replaces: str | None = Field(default=None, description="a visit that turned out to be this one")


class GoneEvent(Message):
    """`event: gone`: the visit turned out to be part of another one, or was erased."""

    store: str
    visit: str
    at: str


class MemberEvent(Message):
    """`event: member`: a member's profile or FaceIds changed; cards shown may be out of date."""

    kind: str
    at: str


class CameraEvent(Message):
    """`event: camera`: a camera is missed, or is not any more."""

    change: Literal["silent", "back"]
    store: str
    camera: str
    at: str


class ResetEvent(Message):
    """`event: reset`: what happened since the feed was last read is no longer kept; look anew."""

    reason: str


class Present(Message):
    """Who is in a store now, a card a person. A feed followed from `position` misses nothing."""

    store: str
    now: str
    position: str
    visit_gap_seconds: float
    visits: list[VisitCard]
