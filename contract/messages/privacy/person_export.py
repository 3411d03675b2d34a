"""Everything that the services know about one person, as that person may ask for it."""

from pydantic import Field

from contract.messages.faces import FaceRecord
from contract.messages.members import FaceRef, Member, MergeState
from contract.messages.message import Kind, Message


class ExportedFace(Message):
    """A FaceId of the person. `stored` is what its store keeps, the vectors apart."""

    store: str
    face_id: str
    kind: Kind
    first_seen: str | None = Field(default=None, description="null: by no camera")
    last_seen: str | None = None
    stored: FaceRecord | None = Field(
        default=None, description="null where the store has nothing, or does not answer"
    )
    problem: str | None = Field(default=None, description="why the store does not answer")
    not_the_same: list[FaceRef] = Field(
        default=[], description="FaceIds of which somebody said that they are not this person"
    )


class ExportedVisit(Message):
    """A visit of the person. `face_id` of `home_store` is who it was taken for, with `score`."""

    visit: str
    store: str
    camera: str | None = None
    match: str
    home_store: str
    face_id: str
    score: float | None = None
    first_at: str
    last_at: str
    frames: int


class PersonExport(Message):
    """Everything about one person, members or not.

    Vectors are not in it: they never leave through the gateway. `complete` is false when a store
    did not answer.
    """

    made_at: str
    complete: bool
    member: Member | None = None
    faces: list[ExportedFace]
    visits: list[ExportedVisit]
    merges: list[MergeState] = Field(
        default=[], description="FaceIds that were found to be this person"
    )
