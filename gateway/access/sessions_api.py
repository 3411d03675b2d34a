"""Sessions over HTTP: everybody's for the admin, and everybody's own."""

from fastapi import Request

from contract.errors import UnknownSession
from contract.messages.access.session import PageSession, PageSessionList
from contract.text.identifiers import SessionId
from gateway.access import session_examples
from gateway.access.sessions import Sessions
from gateway.audit.request_notes import note_details
from gateway.http.caller import caller_of
from gateway.http.parameters import RequestDeadline
from service.http.examples import example_of
from service.http.problems import problems
from service.http.routes import Routes


def sessions_routes(sessions: Sessions) -> Routes:
    """Return the routes of the sessions."""
    routes = Routes(prefix="/v1/sessions", tags=["keys"])

    @routes.get("", responses=example_of(session_examples.SESSIONS))
    async def list_sessions(request: Request, deadline: RequestDeadline) -> PageSessionList:
        """List who is signed in to the pages, the newest first.

        The admin sees all, others those of their key, or those that they began by their provider.
        """
        caller = caller_of(request)
        found = await sessions.seen_by(caller, deadline)
        note_details(shown=len(found))
        return PageSessionList(
            sessions=[one.shown(asks=one.digest == caller.session) for one in found]
        )

    @routes.delete(
        "/{session}",
        responses=example_of(session_examples.SESSION) | problems(UnknownSession),
    )
    async def end_session(
        session: SessionId, request: Request, deadline: RequestDeadline
    ) -> PageSession:
        """Sign somebody out, from now on; other gateways do so within two seconds."""
        caller = caller_of(request)
        ended = await sessions.end_seen_by(caller, session, deadline)
        return ended.shown(asks=ended.digest == caller.session)

    return routes
