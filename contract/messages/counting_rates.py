"""How often people were counted wrongly, in stores like each other."""

from typing import Annotated

from pydantic import Field

from contract.messages.message import Message

Share = Annotated[float, Field(ge=0, lt=0.5)]


class MeasuredRates(Message):
    """One row: the rates of simulated stores, means of several draws of people."""

    visitors: Annotated[float, Field(ge=1)]
    """FaceIds that were counted."""
    visits_each: Annotated[float, Field(ge=1)]
    """Visits of a FaceId, in the mean."""
    frames: Annotated[float, Field(ge=1)]
    """Frames that are fused to a visit's vector, in the mean."""
    missed: Share
    confused: Share
    missed_deviation: Share
    """Between draws, beside what chance would do to each."""
    confused_deviation: Share
