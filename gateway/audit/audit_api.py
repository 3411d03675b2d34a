"""The audit trail over HTTP: searched by people, and read in the order of its chains."""

from typing import Annotated

from fastapi import Query

from contract.errors import BadRequest, BadTime
from contract.messages.audit.chain import ChainHeads, ChainLines
from contract.messages.audit.trail import AuditPage
from contract.text.identifiers import Asked, Reference
from contract.text.moment import moment_of
from gateway.audit import examples
from gateway.audit.request_notes import note_details
from gateway.http.parameters import RequestDeadline
from gateway.record.audit.entries import chain_heads, chain_lines
from gateway.record.audit.search import AuditQuery, search_audit
from gateway.record.database import Database
from service.http.examples import example_of
from service.http.problems import problems
from service.http.routes import Routes

_LARGEST = 2**62
_ACTION = "such as `member.get`, or all that begins with `member`"


def audit_routes(database: Database) -> Routes:
    """Return the routes of the audit trail."""
    routes = Routes(prefix="/v1/audit", tags=["audit"])

    @routes.get("", responses=example_of(examples.PAGE) | problems(BadRequest, BadTime))
    async def search_audit_trail(
        *,
        deadline: RequestDeadline,
        who: Annotated[
            Asked | None, Query(description="the id of a key, or who has signed in")
        ] = None,
        action: Annotated[Asked | None, Query(description=_ACTION)] = None,
        store: Asked | None = None,
        member_id: Asked | None = None,
        face_id: Annotated[Asked | None, Query(description="of `store`, if that is given")] = None,
        erasure: Annotated[Reference | None, Query(description="a receipt")] = None,
        since: Annotated[str | None, Query(alias="from", description="RFC 3339")] = None,
        until: Annotated[str | None, Query(alias="to", description="not meant any more")] = None,
        after: Annotated[
            Reference | None, Query(description="next_after of the page before")
        ] = None,
        limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    ) -> AuditPage:
        """Say who looked at or changed whose data, the last first."""
        query = AuditQuery(
            who=who,
            action=action,
            store=store,
            member_id=member_id,
            face_id=face_id,
            erasure=erasure,
            since=_milliseconds(since),
            until=_milliseconds(until),
            after=after,
            limit=limit,
        )
        page = await database.read(deadline, search_audit, query)
        note_details(shown=len(page.entries))
        return page

    @routes.get("/heads", responses=example_of(examples.HEADS))
    async def list_audit_heads(deadline: RequestDeadline) -> ChainHeads:
        """List the chains of the trail with their last entries, that of the last entry first.

        Note them elsewhere: by its head it is found out when the end of a chain is cut off.
        """
        return ChainHeads(heads=await database.read(deadline, chain_heads))

    @routes.get("/chain", responses=example_of(examples.LINES))
    async def read_audit_chain(
        deadline: RequestDeadline,
        writer: Annotated[Reference, Query(description="whose chain")],
        after: Annotated[int, Query(ge=0, le=_LARGEST, description="the number before")] = 0,
        limit: Annotated[int, Query(ge=1, le=1000)] = 1000,
    ) -> ChainLines:
        """Read a chain in its order, as `facegate audit verify` and `export` do."""
        page = await database.read(deadline, chain_lines, writer, after, limit)
        note_details(shown=len(page.lines))
        return page

    return routes


def _milliseconds(text: str | None) -> int | None:
    return None if text is None else round(moment_of(text).timestamp() * 1000)
