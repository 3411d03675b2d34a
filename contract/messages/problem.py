"""Errors as both services send them: RFC 9457."""

from pydantic import Field

from contract.messages.faces import EnrollWarning
from contract.messages.message import Message


class Problem(Message):
    """The one error shape, RFC 9457 `application/problem+json`, with a stable `code`."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    request_id: str | None = None
    warnings: list[EnrollWarning] = Field(
        default=[], description="what speaks against an enrolment; `force=true` stores it anyway"
    )
