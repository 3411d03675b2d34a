"""How much of whose data is kept, and for how long."""

from pydantic import Field

from contract.messages.message import Message


class StorePrivacy(Message):
    """What a store keeps of whom, as the map says; counts are null before they are known."""

    store: str
    name: str
    members: int | None = None
    visitors: int | None = None
    visitor_retention: str = Field(description="ISO 8601: how long a visitor stays unseen")
    cross_store: str = Field(description="whose faces other stores may find, without a profile")
    keep_pictures: bool = Field(description="whether the files of enrolled pictures are kept")


class PrivacyStatus(Message):
    """How much the chain keeps. `persons` have FaceIds in it, each counted once as far as known."""

    persons: int
    alarm: int | None = Field(
        description="from how many persons on somebody has to be told; null: never"
    )
    reached: bool = Field(description="whether there are so many persons")
    open_erasures: int = Field(description="that somebody has yet to confirm")
    oldest_open_erasure: str | None = Field(default=None, description="when that was asked for")
    stores: list[StorePrivacy]
