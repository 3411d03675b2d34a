"""The routes of one subject, as every part of both services declares them."""

from collections.abc import Sequence
from enum import Enum
from typing import Any

from fastapi import APIRouter
from fastapi.routing import APIRoute

RESPONSES: dict[int | str, dict[str, Any]] = {
    "4XX": {"description": "The request is refused; `code` says why"},
    "5XX": {"description": "The service cannot answer now; `code` says why"},
}
"""For OpenAPI: the errors that every route shares.

Their shape is added to the document: named here, it would be built anew for every route."""


def function_name(route: APIRoute) -> str:
    """Return the operation's id: the name of the function that answers."""
    return route.name


class Routes(APIRouter):
    """A router whose routes a service takes over as they are, by `ServiceApi.serve`.

    FastAPI's own `include_router` analyses every route a second time, and then matches twice what
    it has found once: that made half of a service's start, and of what a small request costs.
    """

    def __init__(
        self,
        *,
        prefix: str = "",
        tags: Sequence[str | Enum] = (),
        route_class: type[APIRoute] = APIRoute,
        in_openapi: bool = True,
    ) -> None:
        super().__init__(
            prefix=prefix,
            tags=list(tags),
            route_class=route_class,
            responses=RESPONSES if in_openapi else None,
            include_in_schema=in_openapi,
            generate_unique_id_function=function_name,
        )
