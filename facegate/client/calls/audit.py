"""The audit trail."""

from datetime import datetime

from contract.messages.audit.chain import ChainHead, ChainHeads, ChainLine, ChainLines
from contract.messages.audit.trail import AuditEntry, AuditPage
from facegate.client.api_call import ApiCall, Parameter, given
from facegate.client.listing import PAGE, Page


def audit(
    *,
    who: str | None = None,
    action: str | None = None,
    store: str | None = None,
    member_id: str | None = None,
    face_id: str | None = None,
    erasure: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> ApiCall[Page[AuditEntry]]:
    """Yield who looked at or changed whose data, the last first."""

    def read(body: bytes) -> Page[AuditEntry]:
        page = AuditPage.model_validate_json(body)
        return Page(page.entries, given(after=page.next_after))

    moments: dict[str, Parameter] = {
        name: at.isoformat() for name, at in (("from", since), ("to", until)) if at is not None
    }
    query = given(
        who=who,
        action=action,
        store=store,
        member_id=member_id,
        face_id=face_id,
        erasure=erasure,
        limit=PAGE,
    )
    return ApiCall("GET", "/v1/audit", read, query | moments)


def audit_heads() -> ApiCall[list[ChainHead]]:
    """Return the last entry of each chain of the audit trail."""
    return ApiCall(
        "GET", "/v1/audit/heads", lambda body: ChainHeads.model_validate_json(body).heads
    )


def audit_lines(writer: str) -> ApiCall[Page[ChainLine]]:
    """Yield the entries of one chain of the audit trail, in their order."""

    def read(body: bytes) -> Page[ChainLine]:
        page = ChainLines.model_validate_json(body)
        return Page(page.lines, given(after=page.next_after))

    return ApiCall("GET", "/v1/audit/chain", read, given(writer=writer, limit=PAGE))
