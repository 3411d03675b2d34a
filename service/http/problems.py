"""Every error of both services as RFC 9457 `application/problem+json` with a stable `code`."""

import logging
from collections.abc import Callable, Iterator, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException
from starlette.routing import Match

from contract.errors import FacegateError
from contract.messages.faces import EnrollWarning
from contract.messages.problem import Problem
from contract.text.access_key import without_secrets
from service import request_id
from service.http.openapi_completion import CODES, PROBLEM, codes_of

log = logging.getLogger(__name__)


class ProblemResponse(Response):
    """The response with a problem as its JSON body."""

    def __init__(self, body: Problem, headers: dict[str, str] | None = None) -> None:
        text = body.model_dump_json(exclude=None if body.warnings else {"warnings"})
        super().__init__(text, body.status, headers, media_type=PROBLEM)
        self.problem = body


Show = Callable[[Request, ProblemResponse], Response]
"""Returns what is answered instead of a problem: the problem itself, or a page that shows it."""


def unchanged(request: Request, response: ProblemResponse) -> Response:
    """Return the problem itself."""
    return response


def problems(*errors: type[FacegateError]) -> dict[int | str, dict[str, Any]]:
    """Return what OpenAPI says of the errors of one route, beside those that every route has."""
    return {status: {CODES: codes} for status, codes in codes_of(errors).items()}


def install_problems(app: FastAPI, show: Show = unchanged) -> None:
    """Make every expected error of `app` answer with the one shape, or as `show` has it.

    What nobody expected is answered by RequestScope, which knows the request's id.
    """

    async def facegate_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, FacegateError)
        return show(request, refusal(error))

    async def http_exception(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return show(request, _http_problem(request, error))

    async def validation_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        return show(request, _invalid(error))

    app.add_exception_handler(FacegateError, facegate_error)
    app.add_exception_handler(HTTPException, http_exception)
    app.add_exception_handler(RequestValidationError, validation_error)


def problem(
    status: int,
    code: str,
    title: str,
    detail: str,
    headers: dict[str, str] | None = None,
    *,
    warnings: Sequence[EnrollWarning] = (),
) -> ProblemResponse:
    """Return the response for one error."""
    body = Problem(
        type=f"urn:facegate:problem:{code.lower().replace('_', '-')}",
        title=title,
        status=status,
        # May quote what was sent, a key among it.
        detail=without_secrets(detail.encode("utf-8", "backslashreplace").decode()),
        code=code,
        request_id=request_id.current.get(),
        warnings=list(warnings),
    )
    return ProblemResponse(body, headers)


def refusal(error: FacegateError) -> ProblemResponse:
    """Return the response for an expected error; what is the service's own fault is logged."""
    if error.status >= 500:
        log.warning("%s: %s", error.code, error.detail, exc_info=error.__cause__)
    headers = {"Retry-After": str(error.retry_after)} if error.retry_after else None
    return problem(
        error.status, error.code, error.title, error.detail, headers, warnings=error.warnings
    )


def _http_problem(request: Request, error: HTTPException) -> ProblemResponse:
    phrase = HTTPStatus(error.status_code).phrase
    code = phrase.upper().replace(" ", "_").replace("-", "_")
    headers = dict(error.headers) if error.headers else {}
    detail = str(error.detail)
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = ", ".join(_methods(request))
        detail = f"{request.method} is not among {headers['Allow']}"
    return problem(error.status_code, code, phrase, detail, headers)


def _methods(request: Request) -> Iterator[str]:
    """Yield the methods that the request's path has; a router tells those of its first route."""
    path = getattr(request.scope.get("route"), "path", "")
    documented = request.app.openapi()["paths"].get(path)
    for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"):
        served = "GET" if method == "HEAD" else method  # HEAD is answered as GET is
        if _is_served(request, served) if documented is None else served.lower() in documented:
            yield method


def _is_served(request: Request, method: str) -> bool:
    scope = {**request.scope, "method": method}
    return any(route.matches(scope)[0] is Match.FULL for route in request.app.routes)


def _invalid(error: RequestValidationError) -> ProblemResponse:
    detail = "; ".join(
        f"{'.'.join(map(str, item['loc']))}: {_reason(item)}" for item in error.errors()[:5]
    )
    return problem(422, "INVALID_PARAMETER", "Invalid parameter", detail)


def _reason(item: dict[str, Any]) -> str:
    if item["type"] == "json_invalid":
        return f"{item['msg']}: {item['ctx']['error']}"
    return str(item["msg"]).removeprefix("Value error, ")
