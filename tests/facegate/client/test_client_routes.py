"""The client has a method for everything that OpenAPI lists, and its types are the user's too."""

import inspect
import re
import types
import typing
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

import facegate
from contract.messages.message import Message
from facegate import (
    AsyncClient,
    Client,
    ClientError,
    FaceRef,
    MemberDraft,
    NamedVector,
    VectorsDraft,
    WebhookStatus,
)
from facegate.client.picture_source import Picture
from gateway.app import create_app
from gateway.settings import GatewaySettings
from tests.facegate.fake_gateway import FakeGateway

VALUES: dict[Any, Any] = {
    str: "x",
    int: 1,
    float: 0.5,
    bool: False,
    datetime: datetime(2026, 5, 4, tzinfo=UTC),
    FaceRef: FaceRef(store="x", face_id="x"),
    MemberDraft: MemberDraft(name="x"),
    VectorsDraft: VectorsDraft(model="x", faces=[NamedVector(face_id="x", vector="AACAPw==")]),
}
SAME_AS_POST = ("put", "/v1/stores/{store}/cameras/{camera}/push")
"""For cameras that know nothing else."""
OWN = {"format", "idempotency-key", "last-event-id", "after", "before"}
"""Parameters that the client gives, or leaves out, on its own: it reads JSON and every page."""


class Asked(NamedTuple):
    """A request that a method sent."""

    method: str
    path: str
    given: frozenset[str]
    """The names in the query, and the headers."""


def example(kind: Any) -> Any:
    """Return a value for a parameter of this type, of several types for the first one known."""
    if kind == Iterable[str]:
        return ["x"]
    if kind == Picture or bytes in typing.get_args(kind):
        return b"picture"
    if typing.get_origin(kind) is typing.Literal:
        return typing.get_args(kind)[0]
    if typing.get_origin(kind) in {types.UnionType, typing.Union}:
        return example(next(part for part in typing.get_args(kind) if part is not type(None)))
    return VALUES[kind]


def methods() -> dict[str, Callable[..., Any]]:
    """Return the client's methods that send something."""
    return {
        name: method
        for name, method in vars(Client).items()
        if inspect.isfunction(method) and not name.startswith("_") and name != "close"
    }


def ways_to_call(method: Callable[..., Any]) -> Iterator[dict[str, Any]]:
    """Yield arguments: as few as possible, all, and all but one that may be left out."""
    hints = typing.get_type_hints(method)
    parameters = list(inspect.signature(method).parameters.values())[1:]
    everything = {
        p.name: (not p.default) if isinstance(p.default, bool) else example(hints[p.name])
        for p in parameters
    }
    optional = {p.name for p in parameters if p.default is not p.empty}
    yield {name: value for name, value in everything.items() if name not in optional}
    yield everything
    for left_out in optional:
        yield {name: value for name, value in everything.items() if name != left_out}


@pytest.fixture(scope="module")
def asked() -> list[Asked]:
    """Call every method of the client, and return what came of it."""
    gateway = FakeGateway()
    with gateway.serving() as url, Client(url) as client:
        for name, method in methods().items():
            before = len(gateway.requests)
            for arguments in ways_to_call(method):
                with suppress(ClientError):
                    answer = method(client, **arguments)
                    if isinstance(answer, Iterator):
                        next(answer, None)
            assert len(gateway.requests) >= before + 2, f"{name} sent nothing"
    return [
        Asked(kind, urlsplit(path).path, frozenset(parse_qs(urlsplit(path).query)) | headers)
        for (kind, _), (path, _), headers in zip(
            gateway.requests, gateway.asked, gateway.headers, strict=True
        )
    ]


@pytest.fixture
def routes(tmp_path: Path) -> dict[tuple[str, str], set[str]]:
    """Return the parameters in query and headers of every route in OpenAPI."""
    (tmp_path / "stores.yaml").write_text("a: 127.0.0.1:5001\n", encoding="utf-8")
    app = create_app(GatewaySettings(stores=tmp_path / "stores.yaml", data=tmp_path))
    return {
        (method.upper(), path): {
            parameter["name"].lower()
            for parameter in operation.get("parameters", [])
            if parameter["in"] != "path"
        }
        for path, operations in app.openapi()["paths"].items()
        for method, operation in operations.items()
        if method != "head" and (method, path) != SAME_AS_POST
    }


def fits(template: str, path: str) -> bool:
    pattern = "".join(
        "[^/]+" if part.startswith("{") else re.escape(part)
        for part in re.split(r"(\{[^}]+\})", template)
    )
    return re.fullmatch(pattern, unquote(path)) is not None


def test_every_route_has_a_method_and_every_method_a_route(
    asked: list[Asked], routes: dict[tuple[str, str], set[str]]
) -> None:
    found = {
        (route, request)
        for route in routes
        for request in asked
        if request.method == route[0] and fits(route[1], request.path)
    }

    assert set(routes) - {route for route, _ in found} == set()
    assert set(asked) - {request for _, request in found} == set()


def test_every_parameter_of_a_route_can_be_given(
    asked: list[Asked], routes: dict[tuple[str, str], set[str]]
) -> None:
    cannot = {
        (method, path): missing
        for (method, path), parameters in routes.items()
        if (
            missing := parameters
            - OWN
            - {
                name
                for request in asked
                if request.method == method and fits(path, request.path)
                for name in request.given
            }
        )
    }

    assert cannot == {}


def named_in(kind: Any) -> Iterator[type]:
    """Yield the messages that a type is made of, and those that they are made of as JSON."""
    for part in typing.get_args(kind):
        yield from named_in(part)
    if isinstance(kind, type) and issubclass(kind, Message):
        yield kind
        for field in kind.model_fields.values():
            if not field.exclude:
                yield from named_in(field.annotation)


def test_every_type_of_the_client_comes_from_facegate() -> None:
    kinds = {
        kind
        for method in methods().values()
        for hint in typing.get_type_hints(method).values()
        for kind in named_in(hint)
    }

    assert kinds
    assert {kind.__name__ for kind in kinds} - set(facegate.__all__) == set()
    assert all(getattr(facegate, name) is not None for name in facegate.__all__)


@pytest.mark.parametrize("package", ["facegate", "contract", "scoring", "service"])
def test_type_checkers_may_read_the_packages_types(package: str) -> None:
    assert files(package).joinpath("py.typed").is_file()


@pytest.mark.parametrize("client", [Client, AsyncClient])
def test_a_method_shows_the_parameters_the_answer_and_the_docstring_of_its_route(
    client: type[Client | AsyncClient],
) -> None:
    shown = inspect.signature(client.put_webhook)

    assert str(shown.replace(return_annotation=inspect.Signature.empty)) == (
        "(self, /, name: str, url: str, *, store: str | None = None, secret: str | None = None)"
    )
    assert shown.return_annotation is WebhookStatus
    assert (client.put_webhook.__doc__ or "").startswith("Send the events of one store, or of all")
