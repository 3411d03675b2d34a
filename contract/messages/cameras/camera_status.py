"""How the cameras of the stores are, as JSON. Times are ISO 8601, in UTC."""

from typing import Literal

from pydantic import Field

from contract.messages.cameras.agent_status import AgentStatus
from contract.messages.message import Message, Unfit

Hint = Literal[
    "NEVER_SEEN",
    "SILENT",
    "CLOCK",
    "REFUSED",
    "PICTURE_ADDRESS",
    "NO_FACES",
    "SMALL_FACES",
    "DARK_FACES",
    "BLURRED_FACES",
    "TURNED_FACES",
    "LOST",
    "FROZEN",
    "BLACK",
    "COVERED",
    "PICTURES_LOST",
]
"""What an operator may want to look at: it is listed and has sent nothing yet; it is missed; its
clock is wrong; its pictures are refused; it sends addresses of pictures; they show nobody; the
faces are small, dark, blurred or turned away; its agent says that it does not answer, that its
picture does not change, is black or shows nothing, and that pictures could not be kept until the
gateway took them."""


class CameraStatus(Message):
    """A camera that the map lists, or that has sent something.

    What is counted is of the last 24 hours; a request with several pictures is one frame.
    """

    store: str
    camera: str = Field(description="empty: the pictures of the store that name no camera")
    name: str = Field(description="what people call it")
    listed: bool = Field(description="whether the map lists it")
    first_at: str | None = Field(default=None, description="when it sent something first")
    last_at: str | None = Field(default=None, description="when it sent something last")
    taken_at: str | None = Field(default=None, description="when its last frame was taken")
    silent: bool = Field(default=False, description="whether it is missed")
    silent_since: str | None = Field(default=None, description="since when it is missed")
    silent_after_seconds: int = Field(description="how long it may send nothing")
    hours: int = Field(default=0, description="in how many of the hours it has sent something")
    frames: int = 0
    faces: int = 0
    empty: int = Field(default=0, description="frames without a face")
    refused: int = Field(default=0, description="frames that were refused, or failed")
    refusal: str | None = Field(default=None, description="the code with which the last one was")
    frames_an_hour: float = Field(default=0, description="of the hours in which it sent something")
    faces_an_hour: float = 0
    empty_share: float | None = Field(default=None, description="of its frames; null without any")
    unfit: dict[Unfit, int] = Field(
        default={}, description="faces of strangers whom nobody would know again, and why"
    )
    face_px: int | None = Field(default=None, description="mean width of its faces, in pixels")
    clock_ahead_seconds: float | None = Field(
        default=None,
        description="by how much its clock is ahead, behind if negative; what a frame took to"
        " arrive counts as behind. Null when it does not say when its frames were taken",
    )
    agent: str | None = Field(default=None, description="what posts for it, as that says itself")
    agent_status: AgentStatus | None = Field(
        default=None, description="what facegate's own agent said last of itself"
    )
    hints: list[Hint] = []


class CameraList(Message):
    """Every camera of every store that was asked for."""

    cameras: list[CameraStatus]


class ForgottenCamera(Message):
    """A camera of which nothing is kept any more; `known`: something was.

    `listed`: the store map lists it, and so does `/v1/cameras`.
    """

    store: str
    camera: str
    known: bool
    listed: bool = False
