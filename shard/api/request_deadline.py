"""When a request has to be answered: the one way in which routes learn it."""

from typing import Annotated

from fastapi import Depends, Header, Request

from contract.deadline import HEADER, Deadline
from service.http.request_deadline import deadline_of

_LONG_SECONDS = 600.0

_Left = Annotated[
    str | None,
    Header(
        alias=HEADER,
        description="milliseconds that the client waits",
        json_schema_extra={"pattern": "^[0-9]{1,12}$"},
    ),
]


async def _declared(request: Request, _left: _Left = None) -> Deadline:
    """Return the deadline; the parameter is there for OpenAPI."""
    return deadline_of(request)


async def _declared_long(left: _Left = None) -> Deadline:
    return Deadline.from_header(left, _LONG_SECONDS)


RequestDeadline = Annotated[Deadline, Depends(_declared)]
"""A route's parameter: the request's deadline."""
LongDeadline = Annotated[Deadline, Depends(_declared_long)]
"""The same for what may take minutes, whatever the service's limit is."""
