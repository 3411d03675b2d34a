"""The FaceIds of a store over HTTP."""

from typing import Annotated

from fastapi import Query, Response

from contract.errors import (
    UnknownFace,
)
from contract.messages.erasures import FaceErasure
from contract.messages.faces import (
    FacePage,
    FaceRecord,
)
from contract.text.identifiers import Start
from gateway.audit.request_notes import note_details
from gateway.chain.shard_request import ShardRequest
from gateway.chain.shards import Shards
from gateway.http.parameters import PathStore, RequestDeadline
from gateway.people import face_examples, member_examples
from gateway.people.people import People
from gateway.recognition.member_names import MemberNames
from service.http.examples import example_of
from service.http.problems import problems
from service.http.routes import Routes


def faces_routes(shards: Shards, people: People, names: MemberNames) -> Routes:
    """Return the routes of the FaceIds."""
    routes = Routes(prefix="/v1/stores/{store}", tags=["faces"])

    @routes.get("/faces", responses=example_of(face_examples.FACES))
    async def list_faces(
        home: PathStore,
        deadline: RequestDeadline,
        after: Annotated[Start | None, Query(description="next_after of the page before")] = None,
        limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    ) -> FacePage:
        """List the FaceIds in the order of their names."""
        request = ShardRequest("GET", "/faces", query={"after": after, "limit": limit})
        page = await shards.read(home, request, FacePage, deadline)
        note_details(shown=len(page.faces))
        return page.model_copy(update={"faces": await names.records(page.faces, deadline)})

    @routes.get(
        "/faces/{face_id}", responses=example_of(face_examples.FACE) | problems(UnknownFace)
    )
    async def get_face(home: PathStore, face_id: str, deadline: RequestDeadline) -> FaceRecord:
        """Read one FaceId, and how often it was seen."""
        record = await shards.face(home, face_id, deadline)
        [named] = await names.records([record], deadline)
        history = await people.members.history(home, face_id, deadline)
        return named.model_copy(update={"visits": history})

    @routes.delete(
        "/faces/{face_id}",
        responses=example_of(member_examples.FACE_ERASURE)
        | example_of(member_examples.FACE_ERASURE_WAITS, 202, FaceErasure)
        | problems(UnknownFace),
    )
    async def erase_face(
        home: PathStore, face_id: str, deadline: RequestDeadline, response: Response
    ) -> FaceErasure:
        """Erase one FaceId: vectors, and who came in visits. The answer is a receipt.

        202: a shard has not confirmed yet; it will get the order when it is back.
        """
        receipt = await people.erasures.face(home, face_id, deadline)
        response.status_code = 200 if receipt.complete else 202
        erased = [
            face for part in receipt.stores for face in part.faces
        ]  # a name it was getting, too
        return FaceErasure(
            store=home.id,
            face_id=erased[0].face_id,
            templates=sum(face.templates for face in erased),
            **receipt.model_dump(exclude={"store"}),
        )

    return routes
