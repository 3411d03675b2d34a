"""Members over HTTP."""

from typing import Annotated

from fastapi import Header, Query, Request, Response

from contract.errors import (
    AlreadyBound,
    BadTime,
    ConsentOutdated,
    MemberChanged,
    MemberExists,
    UnknownFace,
    UnknownMember,
)
from contract.messages.erasures import ErasureReceipt
from contract.messages.members import Member, MemberDraft, MemberPage
from contract.text.identifiers import Asked, Start
from gateway.http.caller import caller_of
from gateway.http.parameters import PathStore, RequestDeadline
from gateway.people import member_examples
from gateway.people.people import People
from gateway.record.people.member_search import MemberQuery
from gateway.record.people.precondition import Precondition, entity_tag
from service.http.examples import example_of
from service.http.json_routes import StrictJsonRoute
from service.http.problems import problems
from service.http.routes import Routes


def members_routes(people: People) -> Routes:
    """Return the members' routes."""
    members, erasures = people.members, people.erasures
    routes = Routes(prefix="/v1/members", route_class=StrictJsonRoute, tags=["members"])

    @routes.put(
        "/{member_id}",
        responses=example_of(member_examples.MEMBER)
        | example_of(member_examples.MEMBER, 201, Member)
        | problems(MemberExists, MemberChanged, BadTime, ConsentOutdated),
    )
    async def put_member(
        *,
        member_id: str,
        draft: MemberDraft,
        deadline: RequestDeadline,
        request: Request,
        response: Response,
        if_match: Annotated[
            str | None, Header(description="the `ETag` that was read: nothing newer is overwritten")
        ] = None,
        if_none_match: Annotated[
            str | None, Header(description="`*`: only a new member is written")
        ] = None,
    ) -> Member:
        """Write everything that is known about a member; what is left out is empty.

        Without `consent.cross_store` other stores never find the member; null leaves it to the
        option of the store. Earlier decisions of the member are kept, whatever is left out.
        """
        condition = Precondition(if_match, if_none_match)
        by = caller_of(request).key_id
        member, created = await members.put(member_id, draft, deadline, condition, by=by)
        response.headers["ETag"] = entity_tag(member.updated_at)
        if created:
            response.status_code = 201
        return member

    @routes.get(
        "/{member_id}", responses=example_of(member_examples.MEMBER) | problems(UnknownMember)
    )
    async def get_member(member_id: str, deadline: RequestDeadline, response: Response) -> Member:
        """Read a member, the FaceIds bound to them, and how often they came.

        `ETag` is `updated_at` in quotes: when somebody last wrote the profile.
        """
        member = await members.get(member_id, deadline)
        response.headers["ETag"] = entity_tag(member.updated_at)
        return member

    @routes.get("", responses=example_of(member_examples.MEMBERS))
    async def list_members(
        deadline: RequestDeadline,
        q: Annotated[Asked | None, Query(description="part of a name, or start of an id")] = None,
        tag: Asked | None = None,
        after: Annotated[Start, Query(description="next_after of the page before")] = "",
        limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    ) -> MemberPage:
        """List members in the order of their ids."""
        return await members.search(MemberQuery(q, tag, after, limit), deadline)

    @routes.delete(
        "/{member_id}",
        responses={
            **example_of(member_examples.RECEIPT),
            **example_of(member_examples.RECEIPT_WAITS, 202, ErasureReceipt),
            **problems(UnknownMember),
            204: {
                "description": "The profile is forgotten, the FaceIds are unbound",
                "model": None,
            },
        },
        response_model=ErasureReceipt,
    )
    async def delete_member(
        member_id: str,
        deadline: RequestDeadline,
        response: Response,
        erase: Annotated[bool, Query(description="the FaceIds and visits as well")] = False,
    ) -> ErasureReceipt | Response:
        """Forget the profile and unbind the FaceIds, which stay.

        With `erase` remove everything: profile, vectors and who came in visits, in every store
        and replica. The answer is a receipt; 202: a shard has not confirmed yet, but will.
        """
        if not erase:
            await members.delete_profile(member_id, deadline)
            return Response(status_code=204)
        receipt = await erasures.member(member_id, deadline)
        response.status_code = 200 if receipt.complete else 202
        return receipt

    @routes.put(
        "/{member_id}/faces/{store}/{face_id}",
        responses=example_of(member_examples.MEMBER)
        | problems(UnknownMember, UnknownFace, AlreadyBound),
    )
    async def bind_face(
        member_id: str, home: PathStore, face_id: str, deadline: RequestDeadline
    ) -> Member:
        """Bind a FaceId of a store to the member, with the history of its visits."""
        return await members.bind(member_id, home, face_id, deadline)

    @routes.delete(
        "/{member_id}/faces/{store}/{face_id}",
        responses=example_of(member_examples.MEMBER) | problems(UnknownMember, UnknownFace),
    )
    async def unbind_face(
        member_id: str, store: str, face_id: str, deadline: RequestDeadline
    ) -> Member:
        """Let a FaceId go: it and the visits it was seen in are somebody else's."""
        return await members.unbind(member_id, store, face_id, deadline)

    return routes
