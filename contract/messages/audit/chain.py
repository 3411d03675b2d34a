"""The chains of an audit trail, as they are checked: see `contract.audit_chain`."""

from typing import Any

from pydantic import Field

from contract.messages.message import Message


class NamedSubject(Message):
    """Whom an entry is about, in the clear: `said` with `salt` gives the digest in the entry."""

    salt: str | None = None
    said: dict[str, str] | None = None
    erasure: str | None = Field(default=None, description="the receipt: nothing else is left")


class ChainLine(Message):
    """An entry as it stands in its chain, and whom it is about."""

    entry: dict[str, Any]
    subjects: list[NamedSubject] = Field(default=[])


class ChainLines(Message):
    """Some entries of one chain, in their order; `next_after` starts the next ones."""

    lines: list[ChainLine]
    next_after: int | None = None


class ChainHead(Message):
    """The last entry of a chain. `first` is the number of the first one that is still kept."""

    writer: str
    first: int
    number: int
    digest: str


class ChainHeads(Message):
    """The chains that there are: one for each gateway that has written."""

    heads: list[ChainHead]
