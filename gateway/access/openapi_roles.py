"""What OpenAPI says of who may do what."""

from typing import Any

from contract.messages.access.role import ROLES
from gateway.access.access_door import REFUSALS
from gateway.access.presented_key import TOKEN
from gateway.access.route_roles import NEEDS, Need
from service.http.openapi_completion import add_errors

ROLES_OF = "x-roles"
"""The roles that may do an operation."""

_HEADERS: list[dict[str, list[str]]] = [{"key": []}, {"password": []}]
_SCHEMES = {
    "key": {"type": "http", "scheme": "bearer", "description": "a key, `fg_…`"},
    "password": {
        "type": "http",
        "scheme": "basic",
        "description": "a key as the password, whatever the user is called",
    },
    "token": {
        "type": "apiKey",
        "in": "query",
        "name": TOKEN,
        "description": "for cameras that know nothing else; or the key as a last part of the path",
    },
}


def with_roles(document: dict[str, Any], *, required: bool) -> dict[str, Any]:
    """Say in every operation of a document which roles it needs, and return the document.

    `required`: whether the gateway asks for keys; otherwise few operations need one.
    """
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            need = NEEDS[f"{method.upper()} {path}"]
            _describe(operation, need)
            if need.roles is not None and (required or need.always):
                operation["security"] = _HEADERS
                if path.endswith("/push"):
                    operation["security"] = [*_HEADERS, {"token": []}]
                add_errors(operation, tuple(REFUSALS))
    document["components"]["securitySchemes"] = _SCHEMES
    return document


def roles_in_order(need: Need) -> list[str]:
    """Return the roles that may do something, in the order in which people are shown them."""
    return [role for role in ROLES if role in (need.roles or ())]


def _describe(operation: dict[str, Any], need: Need) -> None:
    operation[ROLES_OF] = roles_in_order(need)
    if need.roles is None:
        said = "Needs no key."
    elif len(need.roles) == len(ROLES):
        said = "Needs a key, of any role."
    else:
        said = f"Needs a key of the role {', '.join(f'`{r}`' for r in roles_in_order(need))}."
    operation["description"] = "\n\n".join(filter(None, [operation.get("description"), said]))
