"""The directory of a chain: what it says of itself, and where it was used."""

from pydantic import Field

from contract.messages.message import Message


class DirectoryUse(Message):
    """Which stores were not asked since the directory has nobody of them who is alike.

    `age_seconds`: it knew every change of them that is older than that.
    """

    age_seconds: float
    skipped: list[str]


class DirectoryStatus(Message):
    """How a gateway sees the directory. Stores that it does not know up to now are always asked."""

    current: int = Field(description="stores whose members it knows up to now")
    behind: int = Field(description="stores that it should know and does not, or not up to now")
    faces: int = Field(description="FaceIds in it")
    age_seconds: float | None = Field(
        default=None, description="how old what it knows of the current stores may be"
    )
    problem: str | None = Field(default=None, description="why it cannot be used or filled")
