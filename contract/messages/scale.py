"""What the scores of a model's vectors are worth."""

from typing import Literal

from pydantic import Field

from contract.messages.message import Message

ScaleKind = Literal["measured", "safe", "none"]
"""Measured with this model; plain cosines with thresholds on the strict side; none of its own."""


class ScaleStatus(Message):
    """Which scale the vectors of a model have."""

    kind: ScaleKind = Field(
        description="`measured` with this model; `safe`: plain cosines with thresholds on the"
        " strict side; `none` of its own: next to nobody is named"
    )
    made_from: str = Field(description="how many people it was made from, such as `2888 people`")
    estimates: bool = Field(
        default=True, description="whether it is known how wrongly visitors are counted with it"
    )
    detail: str = Field(description="what that means, and what can be done about it")
