"""How a shard searches its faces, and how each kind of index would."""

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


class KindTrial(Message):
    """What one kind was measured to take, and how often it finds what `flat` finds."""

    kind: IndexKind
    searched: IndexStatus = Field(
        description="how it searched: `flat` where faces are too few for lists, or lists would miss"
        " too many"
    )
    bytes_a_face: int = Field(description="vector, number and place, as they lie in the index")
    recall: float = Field(description="share of the probes for which it finds whom `flat` finds")
    same_decision: float = Field(
        description="share of the probes of which it names the same FaceId, or nobody, as `flat`"
    )
    p50_ms: float = Field(description="of one search, by the clock")
    p99_ms: float
    together_ms: float = Field(description="CPU, for each of 32 probes that are searched together")
    build_seconds: float = Field(description="CPU, the making of lists with it")


class IndexComparison(Message):
    """Every kind, tried with one vector of each FaceId of a store, in one part."""

    store: str
    model: str = Field(description="what made the vectors: that of most templates")
    faces: int
    held_out: int = Field(description="probes: templates of FaceIds that have others")
    simulated: int = Field(
        description="probes: vectors changed until they are only so alike as people who match"
    )
    kinds: list[KindTrial]
    recommended: IndexKind
    reason: str
