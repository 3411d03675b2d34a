"""Consent over HTTP: withdrawn by a call that is as short as the one that gives it."""

from fastapi import Request

from contract.errors import BadTime, ConsentOutdated, UnknownMember
from contract.messages.members import Member
from contract.messages.privacy.consent import ConsentDraft
from gateway.http.caller import caller_of
from gateway.http.parameters import RequestDeadline
from gateway.people import member_examples
from gateway.people.consent.consents import Consents
from service.http.examples import example_of
from service.http.json_routes import StrictJsonRoute
from service.http.problems import problems
from service.http.routes import Routes


def consent_routes(consents: Consents) -> Routes:
    """Return the routes of consent."""
    routes = Routes(prefix="/v1/members", route_class=StrictJsonRoute, tags=["members"])

    @routes.put(
        "/{member_id}/consent",
        responses=example_of(member_examples.MEMBER)
        | problems(UnknownMember, BadTime, ConsentOutdated),
    )
    async def give_consent(
        member_id: str, draft: ConsentDraft, request: Request, deadline: RequestDeadline
    ) -> Member:
        """Note that the member agrees that other stores find them, and to which text.

        The same again changes nothing; another text is another decision.
        """
        return await consents.give(member_id, draft, caller_of(request).key_id, deadline)

    @routes.delete(
        "/{member_id}/consent",
        responses=example_of(member_examples.WITHDRAWN) | problems(UnknownMember),
    )
    async def withdraw_consent(
        member_id: str, request: Request, deadline: RequestDeadline
    ) -> Member:
        """Note that the member does not agree, or no more: no other store finds them from now on.

        Where nothing was agreed to, that stays so, and is answered alike.
        """
        return await consents.withdraw(member_id, caller_of(request).key_id, deadline)

    return routes
