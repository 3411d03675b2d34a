"""Members as CSV over HTTP."""

from fastapi import Request
from fastapi.responses import StreamingResponse

from contract.deadline import Deadline
from contract.messages.member_table import ImportReport
from contract.text.csv_text import decoded
from gateway.http.caller import caller_of
from gateway.http.parameters import RequestSeconds, StoresInForce
from gateway.people import member_examples
from gateway.people.member_table import export_members, import_members
from gateway.people.members import Members
from service.http.examples import example_of
from service.http.routes import Routes

_CSV = "text/csv; charset=utf-8"
_BODY = {"requestBody": {"required": True, "content": {"text/csv": {"schema": {"type": "string"}}}}}


def member_table_routes(members: Members) -> Routes:
    """Return the routes of the members' table."""
    routes = Routes(prefix="/v1", tags=["members"])

    @routes.get(
        "/members.csv",
        response_class=StreamingResponse,
        responses={200: {"content": {"text/csv": {"example": member_examples.TABLE}}}},
    )
    async def export_member_table(seconds: RequestSeconds) -> StreamingResponse:
        """All members as a table."""
        return StreamingResponse(export_members(members, seconds), media_type=_CSV)

    @routes.post(
        "/members.csv", openapi_extra=_BODY, responses=example_of(member_examples.IMPORTED)
    )
    async def import_member_table(
        request: Request, stores: StoresInForce, seconds: RequestSeconds
    ) -> ImportReport:
        """Write the members of a table; lines that are wrong are told and left out.

        Send long tables in parts, each with the first line: what is not taken in the time of one
        request is left, from `next_line` on.
        """
        text = decoded(await request.body())
        return await import_members(
            members,
            stores,
            text,
            Deadline(seconds),
            line_seconds=seconds,
            has_left=request.is_disconnected,
            by=caller_of(request).key_id,
        )

    return routes
