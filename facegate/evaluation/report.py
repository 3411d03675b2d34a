"""An evaluation's numbers, as they are printed and as JSON."""

from pydantic import BaseModel, ConfigDict

from contract.messages.scale import ScaleStatus
from facegate.evaluation.rates import Rate


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class AtRate(_Part):
    """What happens at one rate of strangers taken for somebody."""

    fpir: float
    tpir: Rate
    """When the score is set so that exactly this share of these strangers passes."""
    shipped_fpir: Rate | None = None
    """The share of these strangers that passes the threshold for this rate."""
    shipped_tpir: Rate | None = None


class ReportRow(_Part):
    """One way to recognise."""

    rule: str
    frames: int
    members: int
    """People who came as members in some draw."""
    strangers: int
    rank_one: Rate
    rates: list[AtRate] = []
    fixed_tpir: Rate | None = None
    """With the rule's own fixed limit."""
    fixed_fpir: Rate | None = None
    curve: list[float]
    """TPIR at each FPIR of the report's curve."""


class Report(_Part):
    """What was measured on a folder."""

    model: str
    people: int
    people_seen_twice: int
    photographs: int
    without_face: int
    refused: int
    scale: ScaleStatus
    """What the model's scores are made with."""
    left_out: int
    """People from whose pictures the scale was made."""
    cohort_of_half: bool
    """Whether it was that from half of the people, not the one that recognises."""
    gallery: int
    draws: int
    seed: int
    curve_fpirs: list[float]
    rows: list[ReportRow]
