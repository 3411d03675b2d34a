"""Sessions of people who signed in to the pages, as JSON."""

from pydantic import Field

from contract.messages.access.role import Role
from contract.messages.message import Message


class PageSession(Message):
    """Somebody who is signed in to the pages. What their browser sends is not known any more."""

    id: str
    key_id: str | None = Field(default=None, description="the key that they signed in with")
    subject: str | None = Field(
        default=None, description="who they are to whoever vouched for them, without a key"
    )
    name: str = Field(description="what they, or their key, are called")
    role: Role
    stores: list[str] | None = Field(default=None, description="null: all stores")
    address: str | None = Field(
        default=None, description="from where they signed in; behind a proxy that is the proxy's"
    )
    created_at: str
    last_used_at: str | None = Field(default=None, description="to about a minute")
    expires_at: str
    asks: bool = Field(description="whether it is the session that this is asked in")


class PageSessionList(Message):
    """Sessions that go on, the newest first."""

    sessions: list[PageSession]
