"""What a store has of one model."""

from pydantic import Field

from contract.messages.message import Message


class ModelTemplates(Message):
    """A model's templates in a store, and who has none of the model that serves it."""

    store: str
    model: str = Field(description="what its vectors are called")
    templates: int
    members_alone: int = Field(
        default=0, description="members who have templates of it, and none of the served model"
    )
    visitors_alone: int = Field(default=0, description="visitors likewise")
