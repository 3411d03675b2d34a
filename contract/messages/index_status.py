"""How a shard searches its faces."""

from typing import Literal

from pydantic import Field

from contract.messages.message import Message

IndexKind = Literal["flat", "ivf_flat", "sq8"]
"""Every face is looked at; those in the nearest of some lists, where there are many faces; or every
face, in half the memory."""


class IndexStatus(Message):
    """How one part of a store's faces is searched."""

    kind: IndexKind = Field(
        description="how it is searched now: `flat` also where there are too few faces for lists"
    )
    faces: int
    lists: int = Field(default=0, description="inverted lists that the faces are in")
    probed: int = Field(default=0, description="how many of them a search looks through")
    trained_by: int = Field(default=0, description="faces from which the lists were made")
