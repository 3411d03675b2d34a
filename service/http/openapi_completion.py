"""What the framework leaves out of an OpenAPI document: summaries, and errors as they are sent."""

from collections.abc import Iterator, Sequence
from typing import Any

from fastapi.encoders import jsonable_encoder
from pydantic.json_schema import models_json_schema

from contract.errors import (
    BadRequest,
    BodyTooLarge,
    BrokenPicture,
    EmptyPicture,
    EncoderCrashed,
    FacegateError,
    ForeignPage,
    SlowBody,
    TooManyPixels,
    UnknownHost,
    UnknownStore,
    UnsupportedPicture,
)
from contract.messages.problem import Problem

PROBLEM = "application/problem+json"
CODES = "x-codes"
"""The codes that a response may have, each with what it means."""

_REFERENCE = "#/components/schemas/{model}"
_Operation = dict[str, Any]
_PICTURE = (EmptyPicture, TooManyPixels, UnsupportedPicture, BrokenPicture, EncoderCrashed)
_BODY = (BodyTooLarge, SlowBody)
_INVALID = {422: {"INVALID_PARAMETER": "Invalid parameter"}}
_UNEXPECTED = {500: {"INTERNAL": "Internal error"}}
_BROWSERS = (ForeignPage, UnknownHost)

Codes = dict[int, dict[str, str]]
"""Codes by HTTP status, each with what it means."""


def codes_of(errors: Sequence[type[FacegateError]]) -> Codes:
    """Return the codes of errors by their status."""
    codes: Codes = {}
    for error in errors:
        codes.setdefault(error.status, {})[error.code] = error.title
    return codes


def complete(document: dict[str, Any], usual: Sequence[type[FacegateError]]) -> dict[str, Any]:
    """Complete every operation of a document, in place, and return the document.

    `usual` are the errors of every operation that takes a parameter or a body.
    """
    for template, path in document["paths"].items():
        for operation in path.values():
            _sum_up(operation)
            operation.get("parameters", []).sort(key=lambda given: _place(given, template))
            for parameter in operation.get("parameters", []):
                parameter["schema"] = _without_null(parameter["schema"])
            _add_errors(operation, usual)
    shapes = document.setdefault("components", {}).setdefault("schemas", {})
    document["components"]["schemas"] = dict(sorted((_shape_of_errors() | shapes).items()))
    return document


def _shape_of_errors() -> dict[str, Any]:
    """Return the schemas of a problem and of what it consists of."""
    _, schemas = models_json_schema([(Problem, "serialization")], ref_template=_REFERENCE)
    shapes: dict[str, Any] = jsonable_encoder(schemas["$defs"], exclude_none=True)
    return shapes


def _sum_up(operation: _Operation) -> None:
    first, _, rest = operation.pop("description", operation["summary"]).partition("\n\n")
    operation["summary"] = " ".join(first.split()).removesuffix(".")
    if rest:
        operation["description"] = rest


def _place(parameter: dict[str, Any], template: str) -> int:
    """Return where a parameter is in a path; those of queries and headers come after it."""
    place = template.find(f"{{{parameter['name']}}}") if parameter["in"] == "path" else -1
    return len(template) if place < 0 else place


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a parameter that may be left out: then it is not there, and not null."""
    choices = [choice for choice in schema.get("anyOf", []) if choice != {"type": "null"}]
    if len(choices) != 1:
        return schema
    return {**{name: value for name, value in schema.items() if name != "anyOf"}, **choices[0]}


def _add_errors(operation: _Operation, usual: Sequence[type[FacegateError]]) -> None:
    for codes in _codes(operation, usual):
        _add_codes(operation, codes)
    for status, response in operation["responses"].items():
        if status[0] in "45":
            _shape(response)
    operation["responses"] = dict(sorted(operation["responses"].items()))


def add_errors(operation: _Operation, errors: Sequence[type[FacegateError]]) -> None:
    """Say of an operation, which is complete, that it may answer these errors, too."""
    codes = codes_of(errors)
    _add_codes(operation, codes)
    for status in codes:
        _shape(operation["responses"][str(status)])
    operation["responses"] = dict(sorted(operation["responses"].items()))


def _add_codes(operation: _Operation, codes: Codes) -> None:
    for status, meanings in codes.items():
        response = operation["responses"].setdefault(str(status), {})
        response[CODES] = {**response.get(CODES, {}), **meanings}


def _shape(response: dict[str, Any]) -> None:
    """Say what an error looks like."""
    if CODES in response:
        response["description"] = _described(response[CODES])
    response["content"] = {PROBLEM: {"schema": {"$ref": _REFERENCE.format(model="Problem")}}}


def _codes(operation: _Operation, usual: Sequence[type[FacegateError]]) -> Iterator[Codes]:
    parameters = {parameter["name"] for parameter in operation.get("parameters", [])}
    body = operation.get("requestBody", {}).get("content")
    yield _UNEXPECTED
    yield codes_of(_BROWSERS)
    if parameters or body:
        yield codes_of([BadRequest, *usual])
        yield _INVALID
    if "store" in parameters:
        yield codes_of([UnknownStore])
    if body:
        yield codes_of(_BODY)
    if body and "multipart/form-data" in body:
        yield codes_of(_PICTURE)


def _described(codes: dict[str, str]) -> str:
    return "; ".join(f"`{code}`: {meaning}" for code, meaning in codes.items())
