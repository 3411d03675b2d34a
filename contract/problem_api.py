"""Every error of both services as RFC 9457 `application/problem+json` with a stable `code`."""

import logging
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from contract import request_id
from contract.errors import FacegateError
from contract.messages import EnrolWarning, Problem

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"

RESPONSES: dict[int | str, dict[str, Any]] = {
    "4XX": {"model": Problem, "description": "The request is refused; `code` says why"},
    "5XX": {"model": Problem, "description": "The service cannot answer now; `code` says why"},
}
"""For OpenAPI: the error shape that every route shares."""


def install_problems(app: FastAPI) -> None:
    """Make every expected error of `app` answer with the one shape.

    What nobody expected is answered by RequestScope, which knows the request's id.
    """
    app.add_exception_handler(FacegateError, _facegate_error)
    app.add_exception_handler(HTTPException, _http_exception)
    app.add_exception_handler(RequestValidationError, _validation_error)


def problem(
    status: int,
    code: str,
    title: str,
    detail: str,
    headers: dict[str, str] | None = None,
    *,
    warnings: Sequence[EnrolWarning] = (),
) -> Response:
    """Return the response for one error."""
    body = Problem(
        type=f"urn:facegate:problem:{code.lower().replace('_', '-')}",
        title=title,
        status=status,
        detail=detail.encode("utf-8", "backslashreplace").decode(),  # may quote what was sent
        code=code,
        request_id=request_id.current.get(),
        warnings=list(warnings),
    )
    text = body.model_dump_json(exclude=None if warnings else {"warnings"})
    return Response(text, status, headers, media_type=MEDIA_TYPE)


def refusal(error: FacegateError) -> Response:
    """Return the response for an expected error; what is the service's own fault is logged."""
    if error.status >= 500:
        log.warning("%s: %s", error.code, error.detail, exc_info=error.__cause__)
    headers = {"Retry-After": str(error.retry_after)} if error.retry_after else None
    said = error.status, error.code, error.title, error.detail
    return problem(*said, headers, warnings=error.warnings)


async def _facegate_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, FacegateError)
    return refusal(error)


async def _http_exception(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    phrase = HTTPStatus(error.status_code).phrase
    code = phrase.upper().replace(" ", "_").replace("-", "_")
    headers = dict(error.headers) if error.headers else None
    return problem(error.status_code, code, phrase, str(error.detail), headers)


async def _validation_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    detail = "; ".join(
        f"{'.'.join(map(str, item['loc']))}: {_reason(item)}" for item in error.errors()[:5]
    )
    return problem(422, "INVALID_PARAMETER", "Invalid parameter", detail)


def _reason(item: dict[str, Any]) -> str:
    if item["type"] == "json_invalid":
        return f"{item['msg']}: {item['ctx']['error']}"
    return str(item["msg"]).removeprefix("Value error, ")
