"""Pictures over HTTP that are to be enrolled, or compared before."""

from typing import Annotated

from fastapi import Query, Request
from fastapi.responses import Response

from contract.errors import DOUBTFUL, UNFIT, AlreadyBound, BadRequest, Conflict, PictureErased
from contract.messages.faces import EnrollAnswer, PictureLikeness
from contract.text.identifiers import FACE_ID, MEMBER_ID, source_name
from scoring.majority import DIGESTS
from service.http.examples import example_of
from service.http.problems import problems
from service.http.routes import Routes
from shard.api import examples
from shard.api.chosen_store import ChosenService
from shard.api.parameters import ChosenDetection, Rate
from shard.api.picture_upload import picture_body, read_upload, single_picture
from shard.api.request_deadline import RequestDeadline
from shard.enrollment.enrollment import enroll
from shard.enrollment.person import EnrollmentOptions, Person
from shard.enrollment.single_face import measure_likeness

_ENROLL_BODY = picture_body(
    face_id="whom the picture shows",
    member_id="the member that the FaceId is bound to",
    source="the picture's name: a changed picture of the same name replaces it",
    cross_store="whether other stores may find the face: true or false; as before if left out",
    force="true: also when it is not like the FaceId's own pictures, or like somebody else's",
)


def enrollment_routes() -> Routes:
    """Return the routes that take pictures into the gallery."""
    router = Routes(tags=["faces"])

    @router.post(
        "/faces",
        status_code=201,
        openapi_extra=_ENROLL_BODY,
        responses={
            **example_of(examples.ENROLLED, 201),
            200: {"model": EnrollAnswer, "description": "The FaceId has this picture already"},
            **problems(*UNFIT, *DOUBTFUL, AlreadyBound, PictureErased, Conflict),
        },
    )
    async def enroll_face(
        *,
        service: ChosenService,
        request: Request,
        response: Response,
        deadline: RequestDeadline,
        detection: ChosenDetection,
        rate: Rate = None,
    ) -> EnrollAnswer:
        """Store the one face of a picture. The fields may also come as query parameters."""
        service.check_writable()
        upload = await read_upload(request)
        person = _person({**upload.fields, **request.query_params})
        store = service.store
        options = EnrollmentOptions(detection, rate or store.threshold, store.keep_pictures)
        answer = await enroll(service, single_picture(upload), person, options, deadline)
        if answer.outcome == "unchanged":
            response.status_code = 200
        return answer

    @router.post(
        "/faces/likeness",
        openapi_extra=picture_body(),
        responses=example_of(examples.LIKENESS) | problems(*UNFIT),
    )
    async def compare_likeness(
        service: ChosenService,
        request: Request,
        deadline: RequestDeadline,
        detection: ChosenDetection,
        to: Annotated[str, Query(pattern=DIGESTS, description="digests, with commas")] = "",
    ) -> PictureLikeness:
        """How alike a picture's one face is to those of pictures that were shown here before."""
        service.check_writable()
        picture = single_picture(await read_upload(request))
        options = EnrollmentOptions(detection, service.store.threshold)
        others = [digest for digest in to.split(",") if digest]
        return await measure_likeness(service, picture, others, options, deadline)

    return router


def _person(fields: dict[str, str]) -> Person:
    """Return whom the fields of an enrolment name. Raises BadRequest."""
    if "face_id" not in fields:
        raise BadRequest("the field `face_id` is missing")
    member_id = fields.get("member_id") or None
    source = fields.get("source") or None
    roams, force = _flag(fields, "cross_store"), _flag(fields, "force")
    return Person(
        FACE_ID(fields["face_id"]),
        member_id and MEMBER_ID(member_id),
        source and source_name(source),
        roams,
        force or False,
    )


def _flag(fields: dict[str, str], name: str) -> bool | None:
    """Return a field that is true or false, None when it is left out. Raises BadRequest."""
    text = fields.get(name) or None
    if text not in {None, "true", "false"}:
        raise BadRequest(f"{name} is neither true nor false")
    return text and text == "true"
