"""When a request has to be answered: the one way in which routes learn it."""

from typing import Annotated

from fastapi import Depends, FastAPI, Header, Request

from contract.deadline import HEADER, Deadline


def limit_requests(app: FastAPI, seconds: float) -> None:
    """Let no request to `app` take longer than `seconds`, whatever its caller would wait."""
    app.state.request_seconds = seconds


def deadline_of(request: Request) -> Deadline:
    """Return the request's deadline: its header's, or the service's limit when that is sooner.

    Raises BadRequest when the header is not a whole number of milliseconds.
    """
    return Deadline.from_header(request.headers.get(HEADER), request.app.state.request_seconds)


async def _declared(
    request: Request,
    _left: Annotated[
        str | None,
        Header(
            alias=HEADER,
            description="milliseconds that the client waits",
            json_schema_extra={"pattern": "^[0-9]{1,12}$"},
        ),
    ] = None,
) -> Deadline:
    """Return the deadline; the parameter is there for OpenAPI."""
    return deadline_of(request)


RequestDeadline = Annotated[Deadline, Depends(_declared)]
"""A route's parameter: the request's deadline."""
