"""Parameters that several routes share."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Header, Query

from contract.deadline import HEADER, Deadline

MaxDistance = Annotated[
    float | None,
    Query(gt=0, le=2, description="largest distance of one person; default: the store's"),
]


def deadline_within(seconds: float) -> Callable[[str | None], Awaitable[Deadline]]:
    """Return the dependency that reads a request's deadline, at most `seconds` away."""

    async def deadline(
        left: Annotated[
            str | None, Header(alias=HEADER, description="milliseconds that the client waits")
        ] = None,
    ) -> Deadline:
        return Deadline.from_header(left, seconds)

    return deadline
