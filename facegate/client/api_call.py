"""One request to the gateway as a value: what to send, and how to read what comes back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar
from urllib.parse import quote

from pydantic import BaseModel

from facegate.client.picture_source import Picture

Parameter = str | int | bool

_A = TypeVar("_A")


@dataclass(frozen=True)
class ApiCall(Generic[_A]):
    """One request. A picture goes as the raw body, those `in_form` as parts named `image`.

    `read` makes the answer of the body of a response, and raises ValueError when it makes no sense.
    `key` goes as `Idempotency-Key`.
    """

    method: str
    path: str
    read: Callable[[bytes], _A]
    query: Mapping[str, Parameter] = field(default_factory=dict)
    pictures: tuple[Picture, ...] = ()
    in_form: bool = False
    message: Mapping[str, Any] | None = None
    table: str | None = None
    key: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


def path_of(*parts: str) -> str:
    """Return a path of the API, with its parts quoted."""
    return "/".join(["/v1", *(quote(part, safe="") for part in parts)])


def member_path(member_id: str, *rest: str) -> str:
    """Return the path of a member, or of what is below it."""
    return path_of("members", member_id, *rest)


def store_path(store: str, *rest: str) -> str:
    """Return the path of a store, or of what is below it."""
    return path_of("stores", store, *rest)


def json_of(draft: BaseModel) -> dict[str, Any]:
    """Return a draft as JSON."""
    return draft.model_dump(mode="json", by_alias=True)


def given(**query: Parameter | None) -> dict[str, Parameter]:
    """Return the parameters that are not None."""
    return {name: value for name, value in query.items() if value is not None}


def nothing(body: bytes) -> None:
    """Take an answer that says nothing."""
