"""An import of members that runs as a job, and how far it is."""

from typing import Literal, get_args

from pydantic import Field

from contract.messages.member_table import RefusedLine
from contract.messages.message import Message

ImportState = Literal[
    "receiving", "checking", "writing", "undoing", "done", "refused", "cancelled", "late", "failed"
]
"""`undoing`: what was written is being taken back. The last five are final; but for `done` nothing
has changed then."""
ACTIVE: frozenset[ImportState] = frozenset({"receiving", "checking", "writing", "undoing"})
FINAL: frozenset[ImportState] = frozenset(get_args(ImportState)) - ACTIVE
MAX_REFUSED = 1000
"""Wrong lines that are told; more are counted."""


class ImportJob(Message):
    """One import. Nothing is written before all of its table was checked."""

    id: str
    state: ImportState
    partial: bool = Field(description="whether lines that are right are taken where others are not")
    parts: int = Field(description="parts of the table that have come")
    created_at: str
    deadline: str = Field(description="what is not done then is undone")
    ended_at: str | None = None
    lines: int | None = Field(default=None, description="null: they are not counted yet")
    checked: int = 0
    written: int = 0
    created: int = Field(default=0, description="members that are new")
    updated: int = Field(default=0, description="members that were written anew")
    refused: int = Field(default=0, description="lines that are wrong")
    refused_lines: list[RefusedLine] = Field(
        default=[], description=f"the first {MAX_REFUSED} of them; in a list of imports none"
    )
    kept: int = Field(
        default=0, description="lines that were not undone: somebody has written the member since"
    )
    reason: str | None = Field(default=None, description="why it did not come to its end")


class ImportList(Message):
    """Imports, the last first."""

    imports: list[ImportJob]
