"""What those whose data it is may ask for, over HTTP."""

from contract.errors import UnknownFace, UnknownMember
from contract.messages.privacy.person_export import PersonExport
from contract.messages.privacy.privacy_status import PrivacyStatus
from gateway.http.parameters import PathStore, RequestDeadline
from gateway.people.privacy import examples
from gateway.people.privacy.person_exports import PersonExports
from gateway.people.privacy.privacy_desk import PrivacyDesk
from service.http.examples import example_of
from service.http.problems import problems
from service.http.routes import Routes


def privacy_routes(desk: PrivacyDesk, exports: PersonExports) -> Routes:
    """Return the routes of exports, and of how much is kept."""
    routes = Routes(prefix="/v1", tags=["members"])

    @routes.get("/privacy", responses=example_of(examples.PRIVACY))
    async def get_privacy(deadline: RequestDeadline) -> PrivacyStatus:
        """Say how many persons are known, how long they are kept, and what is yet to be erased."""
        return await desk.status(deadline)

    @routes.get(
        "/members/{member_id}/export",
        responses=example_of(examples.EXPORT) | problems(UnknownMember),
    )
    async def export_member(member_id: str, deadline: RequestDeadline) -> PersonExport:
        """Return everything that is known about a member, but for the vectors."""
        return await exports.member(member_id, deadline)

    @routes.get(
        "/stores/{store}/faces/{face_id}/export",
        responses=example_of(examples.EXPORT) | problems(UnknownFace),
    )
    async def export_face(home: PathStore, face_id: str, deadline: RequestDeadline) -> PersonExport:
        """Return everything that is known about whose FaceId it is, but for the vectors."""
        return await exports.face(home, face_id, deadline)

    return routes
