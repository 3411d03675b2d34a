"""A store's gallery, passed on to its shards: writes to the first replica, reads to any."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request, Response

from contract.errors import (
    DOUBTFUL,
    UNFIT,
    AlreadyBound,
    Conflict,
    LastTemplate,
    PictureErased,
    UnknownFace,
    UnknownTemplate,
)
from contract.messages.erasures import FaceErasure
from contract.messages.faces import (
    EnrollAnswer,
    FacePage,
    FaceRecord,
    PictureLikeness,
    SourceList,
    TemplateRemoval,
)
from contract.messages.message import TemplateId
from contract.text.identifiers import Start
from gateway.chain.shard_request import Picture, ShardRequest, detection_query, template_path
from gateway.chain.shards import Shards
from gateway.http import examples
from gateway.http.parameters import PathStore, RequestDeadline
from gateway.people import examples as member_examples
from gateway.people.audit import audit
from gateway.people.enrollments import EnrollmentRequest
from gateway.people.people import People
from gateway.recognition.member_names import MemberNames
from gateway.recognition.picture_upload import form_fields, picture_body, read_picture
from scoring.majority import DIGESTS
from service.http.problems import RESPONSES, problems

_FORM = {
    "face_id": "whose face it is",
    "member_id": "the member to bind the FaceId to",
    "source": "the picture's name, for imports that can be repeated",
    "force": "true: also when it is not like the FaceId's own pictures, or like somebody else's",
}


def faces_routes(
    shards: Shards,
    *,
    people: People,
    names: MemberNames,
) -> APIRouter:
    """Return the routes of the galleries."""
    routes = APIRouter(prefix="/v1/stores/{store}", tags=["faces"], responses=RESPONSES)

    @routes.post(
        "/faces",
        status_code=201,
        openapi_extra=picture_body(fields=_FORM),
        responses=examples.answer(examples.ENROLLED, 201)
        | examples.answer(examples.UNCHANGED, 200, EnrollAnswer)
        | problems(*UNFIT, *DOUBTFUL, AlreadyBound, PictureErased, Conflict),
    )
    async def enroll_face(
        *,
        request: Request,
        picture: Annotated[Picture, Depends(read_picture)],
        home: PathStore,
        deadline: RequestDeadline,
        response: Response,
        face_id: Annotated[str | None, Query(description="with a raw body")] = None,
        member_id: Annotated[str | None, Query(description="with a raw body")] = None,
        source: Annotated[str | None, Query(description="with a raw body")] = None,
        force: Annotated[
            Literal["true", "false"] | None,
            Query(description=f"{_FORM['force']}; with a raw body or a form"),
        ] = None,
    ) -> EnrollAnswer:
        """Store the one face of a picture under a FaceId.

        409 `UNLIKE_OWN_FACE`: the FaceId's other pictures show somebody else. 409
        `ALREADY_ENROLLED`: somebody else has this face. `warnings` say who and how alike;
        `force=true` stores the picture anyway, with the same warnings in the answer. A picture
        that the FaceId has already changes nothing: 200.
        """
        said = {"face_id": face_id, "member_id": member_id, "source": source, "force": force}
        query = {name: text for name, text in said.items() if text is not None}
        whom = EnrollmentRequest.of({**query, **await form_fields(request)})
        answer = await people.enrollments.enroll(home, whom, picture, deadline)
        if answer.outcome == "unchanged":
            response.status_code = 200
        return answer

    @routes.post(
        "/faces/likeness",
        openapi_extra=picture_body(),
        responses=examples.answer(examples.LIKENESS) | problems(*UNFIT),
    )
    async def compare_likeness(
        picture: Annotated[Picture, Depends(read_picture)],
        home: PathStore,
        deadline: RequestDeadline,
        to: Annotated[
            str,
            Query(pattern=DIGESTS, description="`digest`s of answers, with commas"),
        ] = "",
    ) -> PictureLikeness:
        """Compare a picture's one face with those of pictures that were sent here just before.

        Nothing is stored: so an import finds out whether what a name puts together is one person.
        A picture is remembered for two minutes; enrolling it takes less time then.
        """
        query = {"to": to, **detection_query(home.detection)}
        request = ShardRequest("POST", "/faces/likeness", picture, query)
        return await shards.write(home, request, PictureLikeness, deadline)

    @routes.get("/faces", responses=examples.answer(examples.FACES))
    async def list_faces(
        home: PathStore,
        deadline: RequestDeadline,
        after: Annotated[Start | None, Query(description="next_after of the page before")] = None,
        limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    ) -> FacePage:
        """List the FaceIds in the order of their names."""
        request = ShardRequest("GET", "/faces", query={"after": after, "limit": limit})
        page = await shards.read(home, request, FacePage, deadline)
        return page.model_copy(update={"faces": await names.records(page.faces, deadline)})

    @routes.get(
        "/faces/{face_id}", responses=examples.answer(examples.FACE) | problems(UnknownFace)
    )
    async def get_face(home: PathStore, face_id: str, deadline: RequestDeadline) -> FaceRecord:
        """Read one FaceId, and how often it was seen."""
        record = await shards.face(home, face_id, deadline)
        [named] = await names.records([record], deadline)
        history = await people.members.history(home, face_id, deadline)
        return named.model_copy(update={"visits": history})

    @routes.delete(
        "/faces/{face_id}",
        responses=member_examples.answer(member_examples.FACE_ERASURE)
        | member_examples.answer(member_examples.FACE_ERASURE_WAITS, 202, FaceErasure)
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

    @routes.delete(
        "/faces/{face_id}/templates/{template_id}",
        responses=examples.answer(examples.REMOVED)
        | problems(UnknownFace, UnknownTemplate, LastTemplate),
    )
    async def delete_template(
        home: PathStore, face_id: str, template_id: TemplateId, deadline: RequestDeadline
    ) -> TemplateRemoval:
        """Remove one picture of a FaceId: its vector is gone for good, an import included.

        `GET …/faces/{face_id}` lists them. 409 `LAST_TEMPLATE`: the FaceId has no other picture;
        erase the FaceId instead, whose visits and member that concerns.
        """
        request = ShardRequest("DELETE", template_path(face_id, template_id))
        removed = await shards.write(home, request, TemplateRemoval, deadline)
        shards.stale_stores.require_seq(home.id, removed.seq)
        audit("face.picture.remove", store=home.id, face_id=removed.face_id, picture=template_id)
        return removed

    @routes.get("/sources", responses=examples.answer(examples.SOURCES))
    async def list_sources(
        home: PathStore,
        deadline: RequestDeadline,
        prefix: Annotated[Start | None, Query(description="of the source")] = None,
    ) -> SourceList:
        """List the imported pictures and what became of them."""
        request = ShardRequest("GET", "/sources", query={"prefix": prefix})
        return await shards.read(home, request, SourceList, deadline)

    return routes
