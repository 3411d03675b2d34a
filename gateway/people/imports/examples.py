"""Answers about imports as OpenAPI shows them."""

from contract.messages.imports.import_job import ImportJob, ImportList
from contract.messages.member_table import RefusedLine

IMPORT = ImportJob(
    id="8c7e1f0b2d3a4c5e9f60718293a4b5c6",
    state="writing",
    partial=True,
    parts=62,
    created_at="2026-05-04T09:30:00.000Z",
    deadline="2026-05-04T13:30:00.000Z",
    lines=1_000_000,
    checked=1_000_000,
    written=250_000,
    created=249_000,
    updated=999,
    refused=1,
    refused_lines=[RefusedLine(line=7, member_id="m-9", reason="profile: no JSON")],
)
IMPORTS = ImportList(imports=[IMPORT.model_copy(update={"refused_lines": []})])
