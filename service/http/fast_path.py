"""A fast path to the one route of a service that cameras keep busy.

To match routes, resolve parameters and enter exit stacks costs the framework several times what a
recognition costs. The route stays what it is, for OpenAPI and for whatever is out of the ordinary:
both paths have the same model of the query, and end in the same function.
"""

from collections.abc import Awaitable, Callable
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import compile_path
from starlette.types import ASGIApp, Receive, Scope, Send

from contract.errors import FacegateError
from service.http.problems import refusal

_Query = TypeVar("_Query", bound=BaseModel)


class FastPath(Generic[_Query]):
    """ASGI middleware: what is posted to `path` with a valid query goes to `answer` at once.

    `answer` takes the request, the parameters of the path and the query. Everything else, requests
    that will be refused for their query among it, goes on to the routes.
    """

    def __init__(
        self,
        app: ASGIApp,
        path: str,
        query: type[_Query],
        answer: Callable[[Request, dict[str, Any], _Query], Awaitable[Response]],
    ) -> None:
        self.app = app
        self.path = path
        self._pattern = compile_path(path)[0]
        self._query = query
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "POST":
            return await self.app(scope, receive, send)
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        match = self._pattern.match(path)
        if match is None:
            return await self.app(scope, receive, send)
        request = Request(scope, receive)
        try:
            query = self._query.model_validate(dict(request.query_params))
        except ValidationError:
            return await self.app(scope, receive, send)
        scope["route"] = self  # for the log and the metrics
        try:
            response = await self._answer(request, match.groupdict(), query)
        except FacegateError as error:
            response = refusal(error)
        await response(scope, receive, send)
        return None
