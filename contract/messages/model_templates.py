"""What a store has of one model."""

from typing import Annotated

from pydantic import Field

from contract.messages.message import Message

NameOfVectors = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$",
        description="what the vectors of a model are called, as in `status.model`",
    ),
]


class ModelTemplates(Message):
    """A model's templates in a store, and who has none of the model that serves it."""

    store: str
    model: str = Field(description="what its vectors are called")
    templates: int
    members_alone: int = Field(
        default=0, description="members who have templates of it, and none of the served model"
    )
    visitors_alone: int = Field(default=0, description="visitors likewise")
