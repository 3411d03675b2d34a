"""What tests read of an audit trail."""

import json
from pathlib import Path
from typing import Any

import httpx

from contract.audit_chain import ChainCheck

Entry = dict[str, Any]


async def entries(http: httpx.AsyncClient, **query: Any) -> list[Entry]:
    """Return what a search finds, the first entries first, without what says so itself."""
    answer = await http.get("/v1/audit", params={"limit": 1000, **query})
    assert answer.status_code == 200, answer.text
    found: list[Entry] = answer.json()["entries"]
    return [entry for entry in reversed(found) if entry["action"] != "audit.search"]


def lines_of(file: Path) -> list[Entry]:
    """Return the entries in a file of a trail."""
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def check(lines: list[Entry]) -> ChainCheck:
    """Return what a check of these lines has found."""
    found = ChainCheck()
    for line in lines:
        found.take(line)
    found.require_beginnings()
    return found
