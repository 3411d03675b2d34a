"""The tables of docs/security.md are those of the code."""

import re

from contract.messages.access.role import ROLES
from gateway.access.failed_keys import MOST
from gateway.access.openapi_roles import roles_in_order
from gateway.access.route_roles import NEEDS, Need
from tests.project import ROOT

PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
ABOUT = {
    "path": "the store in its path",
    "query": "`store` of the query",
    "chain": "the chain",
    "none": "no store",
}


def needed(need: Need) -> str:
    if need.roles is None:
        return "no key"
    if len(need.roles) == len(ROLES):
        return "any"
    return ", ".join(role for role in roles_in_order(need) if role != "admin") or "admin alone"


def test_the_page_says_what_each_route_needs() -> None:
    expected = [
        f"| `{route}` | {needed(need)} | {ABOUT[need.stores]} |" for route, need in NEEDS.items()
    ]

    written = re.findall(r"^\| `[A-Z]+ /.*$", PAGE, re.MULTILINE)

    assert written == expected, "\n".join(expected)


def test_the_page_has_a_line_for_every_role() -> None:
    [*roles] = re.findall(r"^\| `([a-z]+)` \|", PAGE, re.MULTILINE)

    assert tuple(roles) == ROLES
    assert f"{MOST} keys" in PAGE
