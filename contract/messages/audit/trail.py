"""The audit trail, as people search it."""

from typing import Any, Literal

from pydantic import Field

from contract.messages.message import Message

SubjectKind = Literal["member", "face"]


class AuditSubject(Message):
    """Whom an entry is about: a member, or a FaceId of a store; once erased, by receipt alone."""

    kind: SubjectKind
    store: str | None = Field(default=None, description="the home of a FaceId")
    id: str | None = Field(default=None, description="as it is called now; null once erased")
    erasure: str | None = Field(default=None, description="the receipt of the erasure")


class AuditEntry(Message):
    """Who did what to whose data, when and from where.

    A change has two entries with one `request_id`: before it is begun, without a `status`, and when
    it has ended.
    """

    writer: str = Field(description="the gateway whose chain it is in")
    number: int = Field(description="its place in that chain")
    at: str
    who: str | None = Field(description="the id of a key; null: nobody was asked for one")
    role: str | None = None
    address: str | None = Field(default=None, description="where the request came from")
    action: str
    store: str | None = None
    subjects: list[AuditSubject] = Field(default=[])
    details: dict[str, Any] = Field(default={}, description="what was asked, and how many it was")
    status: int | None = Field(default=None, description="of the answer; null: begun")
    request_id: str | None = None


class AuditPage(Message):
    """Entries, the last first; `next_after` starts the next page."""

    entries: list[AuditEntry]
    next_after: str | None = None
