"""A store's faces over HTTP: enrol, mint, list, read, erase."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from contract.errors import (
    DOUBTFUL,
    UNFIT,
    AlreadyBound,
    BadRequest,
    Conflict,
    LastTemplate,
    PictureErased,
    UnknownFace,
    UnknownTemplate,
)
from contract.messages.faces import (
    EnrollAnswer,
    ErasedAnswer,
    FacePage,
    FaceRecord,
    PictureLikeness,
    SourceList,
    TemplateRemoval,
)
from contract.messages.message import TemplateId
from contract.messages.shard_answers import MintAnswer, MintedFace
from contract.stores.detection import Detection
from contract.text.identifiers import FACE_ID, MEMBER_ID, Start, source_name
from scoring.majority import DIGESTS
from service.http.problems import RESPONSES, problems
from shard.api import examples
from shard.api.parameters import Frames, Rate, detection_of, frames_of
from shard.api.picture_upload import (
    VECTORS_BODY,
    picture_body,
    read_upload,
    read_vectors,
    single_picture,
)
from shard.api.request_deadline import RequestDeadline
from shard.enrollment.enrollment import EnrollmentOptions, Person, enroll, measure_likeness
from shard.gallery.change import StoredFace
from shard.index.hit import Hit
from shard.service import Service

_ENROLL_BODY = picture_body(
    face_id="whom the picture shows",
    member_id="the member that the FaceId is bound to",
    source="the picture's name: a changed picture of the same name replaces it",
    cross_store="whether other stores may find the face: true or false; as before if left out",
    force="true: also when it is not like the FaceId's own pictures, or like somebody else's",
)


def faces_routes(service: Service) -> APIRouter:
    """Return the routes about faces."""
    router = APIRouter(tags=["faces"], responses=RESPONSES)
    detection_query = Depends(detection_of(service.store))

    @router.post(
        "/faces/mint", openapi_extra=VECTORS_BODY, responses=examples.answer(examples.MINTED)
    )
    async def mint_faces(
        request: Request,
        deadline: RequestDeadline,
        provisional: bool = False,
        rate: Rate = None,
        frames: Frames = "",
    ) -> MintAnswer:
        """A new FaceId for each stranger, or the one that the same person has by now."""
        service.check_writable()
        collection = service.complete_collection()
        vectors = await read_vectors(request, service.encoder.model, service.encoder.dimension)
        share = rate or service.store.threshold
        faces = [
            _minted(
                *await service.threads.record(
                    deadline, collection.mint, vector, share, fused, provisional
                )
            )
            for vector, fused in zip(vectors, frames_of(frames, len(vectors)), strict=True)
        ]
        return MintAnswer(store=service.store.id, faces=faces)

    @router.post(
        "/faces",
        status_code=201,
        openapi_extra=_ENROLL_BODY,
        responses={
            **examples.answer(examples.ENROLLED, 201),
            200: {"model": EnrollAnswer, "description": "The FaceId has this picture already"},
            **problems(*UNFIT, *DOUBTFUL, AlreadyBound, PictureErased, Conflict),
        },
    )
    async def enroll_face(
        *,
        request: Request,
        response: Response,
        deadline: RequestDeadline,
        detection: Annotated[Detection, detection_query],
        rate: Rate = None,
    ) -> EnrollAnswer:
        """Store the one face of a picture. The fields may also come as query parameters."""
        service.check_writable()
        form = await read_upload(request)
        person = _person({**form.fields, **request.query_params})
        terms = EnrollmentOptions(detection, rate or service.store.threshold)
        answer = await enroll(service, single_picture(form), person, terms, deadline)
        if answer.outcome == "unchanged":
            response.status_code = 200
        return answer

    @router.post(
        "/faces/likeness",
        openapi_extra=picture_body(),
        responses=examples.answer(examples.LIKENESS) | problems(*UNFIT),
    )
    async def compare_likeness(
        request: Request,
        deadline: RequestDeadline,
        detection: Annotated[Detection, detection_query],
        to: Annotated[str, Query(pattern=DIGESTS, description="digests, with commas")] = "",
    ) -> PictureLikeness:
        """How alike a picture's one face is to those of pictures that were shown here before."""
        service.check_writable()
        picture = single_picture(await read_upload(request))
        terms = EnrollmentOptions(detection, service.store.threshold)
        others = [digest for digest in to.split(",") if digest]
        return await measure_likeness(service, picture, others, terms, deadline)

    @router.get("/faces", responses=examples.answer(examples.FACES))
    async def list_faces(
        deadline: RequestDeadline,
        after: Start = "",
        limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    ) -> FacePage:
        """The FaceIds after the name `after`, in the order of their names."""
        gallery = service.collection.gallery
        return await service.threads.record(deadline, gallery.faces, after, limit)

    @router.get(
        "/faces/{face_id}", responses=examples.answer(examples.FACE) | problems(UnknownFace)
    )
    async def get_face(face_id: str, deadline: RequestDeadline) -> FaceRecord:
        """One FaceId and its templates, without the vectors."""
        gallery = service.collection.gallery
        return await service.threads.record(deadline, gallery.face, FACE_ID.known(face_id))

    @router.delete(
        "/faces/{face_id}", responses=examples.answer(examples.ERASED) | problems(UnknownFace)
    )
    async def erase_face(face_id: str, deadline: RequestDeadline) -> ErasedAnswer:
        """Remove a FaceId for good: an import of the same pictures does not bring it back."""
        service.check_writable()
        name = FACE_ID.known(face_id)
        removed = await service.threads.record(deadline, service.collection.erase, name)
        service.sightings.forget([name])
        return ErasedAnswer(store=service.store.id, face_id=name, templates=removed)

    @router.delete(
        "/faces/{face_id}/templates/{template_id}",
        responses=examples.answer(examples.REMOVED)
        | problems(UnknownFace, UnknownTemplate, LastTemplate),
    )
    async def delete_template(
        face_id: str, template_id: TemplateId, deadline: RequestDeadline
    ) -> TemplateRemoval:
        """Remove one picture of a FaceId for good: an import does not bring it back.

        409 `LAST_TEMPLATE`: the FaceId has no other; erase it instead.
        """
        service.check_writable()
        name, collection = FACE_ID.known(face_id), service.collection
        left = await service.threads.record(
            deadline, collection.change, collection.gallery.erase_template, name, template_id
        )
        return TemplateRemoval(
            store=service.store.id,
            face_id=name,
            template_id=template_id,
            templates=left,
            seq=collection.seq,
        )

    @router.get("/sources", responses=examples.answer(examples.SOURCES))
    async def list_sources(deadline: RequestDeadline, prefix: Start = "") -> SourceList:
        """The pictures that were imported or left out, whose names start with `prefix`."""
        gallery = service.collection.gallery
        sources = await service.threads.record(deadline, gallery.sources, prefix)
        return SourceList(sources=sources)

    return router


def _minted(face: StoredFace, known: Hit | None) -> MintedFace:
    return MintedFace(
        face_id=face.face_id,
        minted=known is None,
        kind=face.kind,
        provisional=face.provisional,
        score=known.score if known else None,
        distance=known.distance if known else None,
        member=face.member,
    )


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
