"""What is said of a face in a picture, by shards and by the gateway alike."""

from pydantic import Field

from contract.messages.message import Distance, Kind, Message, Score


class Box(Message):
    """A face's place in pixels of the upright original; right and bottom are exclusive."""

    top: int
    right: int
    bottom: int
    left: int


class MemberCard(Message):
    """The member that a FaceId is bound to."""

    member_id: str
    name: str | None = None
    tags: list[str] = []


class TrackState(Message):
    """What a track knows: `frames` pictures of one person, whose fused vector decides.

    `id` is the camera's name for the track; null for pictures that came in one request.
    """

    id: str | None = None
    frames: int


class Candidate(Message):
    """A FaceId of a store and how alike it is to the face that was searched."""

    face_id: str
    store: str
    kind: Kind
    score: Score
    distance: Distance
    passes: bool = Field(description="whether the score reaches the threshold")
    member: MemberCard | None = None
    provisional: bool = False
