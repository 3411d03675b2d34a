"""The audit trail."""

from datetime import datetime

from contract.messages.audit.chain import ChainHead, ChainHeads, ChainLines
from contract.messages.audit.trail import AuditPage
from facegate.client.api_call import ApiCall, Parameter, given


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
    after: str | None = None,
    limit: int | None = None,
) -> ApiCall[AuditPage]:
    """Return a page of the entries of the audit trail, the last first."""
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
        after=after,
        limit=limit,
    )
    return ApiCall("GET", "/v1/audit", AuditPage.model_validate_json, query | moments)


def audit_heads() -> ApiCall[list[ChainHead]]:
    """Return the last entry of each chain of the audit trail."""
    return ApiCall(
        "GET", "/v1/audit/heads", lambda body: ChainHeads.model_validate_json(body).heads
    )


def audit_lines(
    writer: str, *, after: int | None = None, limit: int | None = None
) -> ApiCall[ChainLines]:
    """Return some entries of one chain of the audit trail, in their order."""
    query = given(writer=writer, after=after, limit=limit)
    return ApiCall("GET", "/v1/audit/chain", ChainLines.model_validate_json, query)
