"""The pictures of a store's faces over HTTP: enrolled, compared, removed and listed."""

from typing import Annotated, Literal

from fastapi import Depends, Query, Request, Response

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
from contract.messages.faces import (
    EnrollAnswer,
    PictureLikeness,
    SourceList,
    TemplateRemoval,
)
from contract.messages.message import TemplateId
from contract.text.identifiers import Start
from gateway.audit.request_notes import note_details
from gateway.chain.shard_request import Picture, ShardRequest, detection_query, template_path
from gateway.chain.shards import Shards
from gateway.http.parameters import PathStore, RequestDeadline
from gateway.people import face_examples
from gateway.people.enrollments import EnrollmentRequest, Enrollments
from gateway.recognition.picture_upload import form_fields, picture_body, read_picture
from scoring.majority import DIGESTS
from service.http.examples import example_of
from service.http.problems import problems
from service.http.routes import Routes

_FORM = {
    "face_id": "whose face it is",
    "member_id": "the member to bind the FaceId to",
    "source": "the picture's name, for imports that can be repeated",
    "force": "true: also when it is not like the FaceId's own pictures, or like somebody else's",
}


def pictures_routes(shards: Shards, enrollments: Enrollments) -> Routes:
    """Return the routes of the pictures in the galleries."""
    routes = Routes(prefix="/v1/stores/{store}", tags=["faces"])

    @routes.post(
        "/faces",
        status_code=201,
        openapi_extra=picture_body(fields=_FORM),
        responses=example_of(face_examples.ENROLLED, 201)
        | example_of(face_examples.UNCHANGED, 200, EnrollAnswer)
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
        answer = await enrollments.enroll(home, whom, picture, deadline)
        if answer.outcome == "unchanged":
            response.status_code = 200
        return answer

    @routes.post(
        "/faces/likeness",
        openapi_extra=picture_body(),
        responses=example_of(face_examples.LIKENESS) | problems(*UNFIT),
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

    @routes.delete(
        "/faces/{face_id}/templates/{template_id}",
        responses=example_of(face_examples.REMOVED)
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
        return removed

    @routes.get("/sources", responses=example_of(face_examples.SOURCES))
    async def list_sources(
        home: PathStore,
        deadline: RequestDeadline,
        prefix: Annotated[Start | None, Query(description="of the source")] = None,
    ) -> SourceList:
        """List the imported pictures and what became of them."""
        request = ShardRequest("GET", "/sources", query={"prefix": prefix})
        listed = await shards.read(home, request, SourceList, deadline)
        note_details(shown=len(listed.sources))
        return listed

    return routes
