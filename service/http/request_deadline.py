"""When a request has to be answered: by the service's limit, or sooner when its client says so."""

from fastapi import FastAPI, Request

from contract.deadline import HEADER, Deadline


def limit_requests(app: FastAPI, seconds: float) -> None:
    """Let no request to `app` take longer than `seconds`, whatever its caller would wait."""
    app.state.request_seconds = seconds


def limit_of(request: Request) -> float:
    """Return the seconds that the service lets a request take."""
    seconds: float = request.app.state.request_seconds
    return seconds


def deadline_of(request: Request) -> Deadline:
    """Return the request's deadline: its header's, or the service's limit when that is sooner.

    Raises BadRequest when the header is not a whole number of milliseconds.
    """
    return Deadline.from_header(request.headers.get(HEADER), limit_of(request))
