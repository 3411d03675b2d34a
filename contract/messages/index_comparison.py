"""How each kind of index would do with a store's own faces."""

from pydantic import Field

from contract.messages.index_status import IndexKind, IndexStatus
from contract.messages.message import Message


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
    together_ms: float = Field(description="for each of 32 probes that are searched together")
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
