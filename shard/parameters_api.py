"""Parameters that several routes share."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Self

from fastapi import Header, Query, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field, ValidationError

from contract.deadline import HEADER, Deadline
from contract.messages import Scope

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


class SearchQuery(BaseModel):
    """What a search of vectors asks for."""

    k: int = Field(default=1, ge=1, le=20, description="how many FaceIds for each vector")
    scope: Scope = Field(default="members", description="whose faces are searched")

    @classmethod
    def of(cls, request: Request) -> Self:
        """Read the request's query. Raises RequestValidationError, as a declared query would."""
        try:
            return cls.model_validate(dict(request.query_params))
        except ValidationError as error:
            items = [{**item, "loc": ("query", *item["loc"])} for item in error.errors()]
            raise RequestValidationError(items) from error

    @classmethod
    def described(cls, operation: dict[str, Any]) -> dict[str, Any]:
        """Return what OpenAPI says about `operation`, with this query's parameters."""
        fields = cls.model_json_schema()["properties"]
        query = [
            {"name": name, "in": "query", "required": False, "schema": schema}
            for name, schema in fields.items()
        ]
        return {**operation, "parameters": [*operation["parameters"], *query]}
