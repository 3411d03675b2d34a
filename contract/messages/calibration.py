"""What a store's own scores say about its threshold."""

from pydantic import Field

from contract.messages.message import Message, Score


class Share(Message):
    """A share or a score, and the interval that holds 95% of its bootstrap values over people."""

    value: float
    low: float
    high: float


class ScoreHistogram(Message):
    """How many pairs have scores between neighbouring edges; the outer bins take what is beyond."""

    edges: list[float]
    genuine: list[int] = Field(description="a picture and the others of the same FaceId")
    impostor: list[int] = Field(description="a picture and another FaceId")


class Calibration(Message):
    """What a store's own templates say about its threshold."""

    store: str
    faces: int = Field(description="FaceIds compared")
    several: int = Field(description="FaceIds with two templates or more")
    rate: float = Field(description="the share of strangers that is wanted")
    threshold: Score = Field(description="the score that facegate asks for this rate")
    scores: ScoreHistogram
    strangers: Share | None = Field(
        default=None, description="the share that passes `threshold` when all others are searched"
    )
    members: Share | None = Field(default=None, description="the share that passes `threshold`")
    score: Share | None = Field(
        default=None, description="the score that the wanted share of these people reaches"
    )
    recommended: float | None = Field(
        default=None, description="the option `threshold` with which `score` is asked"
    )
    missed: Share | None = Field(
        default=None,
        description="if they came as strangers: of visits of people known, those not joined to"
        " them; the option `missed_visits`",
    )
    confused: Share | None = Field(
        default=None,
        description="likewise, the people who vanish in somebody else's FaceId; the option"
        " `confused_visitors`",
    )
    doubts: list[str] = Field(default=[], description="why this should not be trusted")
