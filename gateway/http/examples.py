"""Example answers for the API's documentation: real messages, so that they cannot go stale.

Here are the parts that several folders' examples share.
"""

from typing import Any

from contract.messages.face import Box, Candidate, MemberCard
from contract.messages.message import Message

BOX = Box(top=61, right=190, bottom=190, left=61)
MEMBER_CARD = MemberCard(member_id="m-17", name="张三", tags=["vip"])
CANDIDATE = Candidate(
    face_id="095",
    store="store-a",
    kind="member",
    score=7.31,
    distance=0.31,
    passes=True,
    member=MEMBER_CARD,
)
WHEN = "2026-05-04T09:30:00+00:00"


def example_of(
    example: Message,
    status: int = 200,
    model: type[Message] | None = None,
    table: bool = False,
) -> dict[int | str, dict[str, Any]]:
    """Return `example` as OpenAPI wants it; `model` where the route itself does not name it.

    `table`: the route also answers CSV.
    """
    content: dict[str, Any] = {
        "application/json": {"example": example.model_dump(mode="json", by_alias=True)}
    }
    if table:
        content["text/csv"] = {"schema": {"type": "string"}}
    return {status: {"content": content, **({"model": model} if model else {})}}
