"""What a confident visit teaches the FaceId of who came."""

from pydantic import Field

from contract.messages.message import Message


class Lesson(Message):
    """A vector that is worth learning, for the gateway alone.

    It is fused of `frames` pictures; `quality` is the detector's confidence.
    """

    vector: str = Field(description="base64 of the little-endian float32 vector")
    model: str
    frames: int
    quality: float


class LearnAnswer(Message):
    """Whether a FaceId has taken a lesson: the writing shard decides, as others may know more."""

    store: str
    learned: bool


class Forgotten(Message):
    """How many templates that a FaceId had learned were removed."""

    store: str
    templates: int
