"""Answers about the audit trail as OpenAPI shows them."""

from contract.audit_chain import GENESIS, sealed, subject_digest
from contract.messages.audit.chain import (
    ChainHead,
    ChainHeads,
    ChainLine,
    ChainLines,
    NamedSubject,
)
from contract.messages.audit.trail import AuditEntry, AuditPage, AuditSubject

_SALT = "8f14e45fceea167a5a36dedd4bea2543"
_SAID = {"kind": "member", "id": "m-17"}
_LOOK = AuditEntry(
    writer="5f3a9c01",
    number=1,
    at="2026-05-04T09:30:00.000Z",
    who="fg_1a2b3c4d",
    role="operator",
    address="10.0.0.7",
    action="member.get",
    subjects=[AuditSubject(kind="member", id="m-17")],
    status=200,
    request_id="3b0f3c9e5d6a4c8fb1f6a9a2f1d6f6c1",
)
_LINE = sealed(
    {
        **_LOOK.model_dump(),
        "subjects": [{"kind": "member", "digest": subject_digest(_SALT, _SAID)}],
    },
    GENESIS,
)
PAGE = AuditPage(entries=[_LOOK])
LINES = ChainLines(lines=[ChainLine(entry=_LINE, subjects=[NamedSubject(salt=_SALT, said=_SAID)])])
HEADS = ChainHeads(
    heads=[ChainHead(writer=_LOOK.writer, first=1, number=1, digest=_LINE["digest"])]
)
