"""How far a store has changed over to its second model."""

from pydantic import Field

from contract.messages.message import Message
from contract.messages.scale import ScaleStatus


class ChangedOver(Message):
    """Of how many FaceIds there are templates of the second model."""

    changed: int = Field(description="FaceIds that have a template of the second model")
    of: int = Field(description="FaceIds that have a template of either")


class Agreement(Message):
    """Whom both models named in the same faces.

    Only faces count for which the named FaceId has templates of both models. The two were given
    the same false rates, each on its own scale.
    """

    compared: int = 0
    same: int = Field(default=0, description="both named the same FaceId")
    both_unknown: int = Field(default=0, description="neither named anybody")
    first_only: int = Field(default=0, description="only the served model named somebody")
    second_only: int = Field(default=0, description="only the second model named somebody")
    different: int = Field(default=0, description="they named two FaceIds")


class SecondModelStatus(Message):
    """A store's second model: what there is of it, and how it does."""

    model: str
    scale: ScaleStatus | None = Field(
        default=None, description="what its scores are worth; null before it is known"
    )
    members: ChangedOver
    visitors: ChangedOver
    pictures_left: int = Field(
        description="pictures that are there and have no template of the second model yet"
    )
    agreement: Agreement = Agreement()
