"""A store's faces over HTTP: list, read, erase."""

from typing import Annotated

from fastapi import Query

from contract.errors import LastTemplate, UnknownFace, UnknownTemplate
from contract.messages.faces import ErasedAnswer, FacePage, FaceRecord, SourceList, TemplateRemoval
from contract.messages.message import TemplateId
from contract.text.identifiers import FACE_ID, Start
from service.http.examples import example_of
from service.http.problems import problems
from service.http.routes import Routes
from shard.api import examples
from shard.api.chosen_store import ChosenService
from shard.api.request_deadline import RequestDeadline


def faces_routes() -> Routes:
    """Return the routes about faces."""
    router = Routes(tags=["faces"])

    @router.get("/faces", responses=example_of(examples.FACES))
    async def list_faces(
        service: ChosenService,
        deadline: RequestDeadline,
        after: Start = "",
        limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    ) -> FacePage:
        """The FaceIds after the name `after`, in the order of their names."""
        gallery = service.collection.gallery
        return await service.threads.record(deadline, gallery.faces, after, limit)

    @router.get("/faces/{face_id}", responses=example_of(examples.FACE) | problems(UnknownFace))
    async def get_face(
        service: ChosenService, face_id: str, deadline: RequestDeadline
    ) -> FaceRecord:
        """One FaceId and its templates, without the vectors."""
        gallery = service.collection.gallery
        return await service.threads.record(deadline, gallery.face, FACE_ID.known(face_id))

    @router.delete(
        "/faces/{face_id}", responses=example_of(examples.ERASED) | problems(UnknownFace)
    )
    async def erase_face(
        service: ChosenService, face_id: str, deadline: RequestDeadline
    ) -> ErasedAnswer:
        """Remove a FaceId for good: an import of the same pictures does not bring it back."""
        service.check_writable()
        name = FACE_ID.known(face_id)
        removed = await service.threads.record(deadline, service.collection.erase, name)
        service.sightings.forget([name])
        return ErasedAnswer(store=service.store.id, face_id=name, templates=removed)

    @router.delete(
        "/faces/{face_id}/templates/{template_id}",
        responses=example_of(examples.REMOVED)
        | problems(UnknownFace, UnknownTemplate, LastTemplate),
    )
    async def delete_template(
        service: ChosenService, face_id: str, template_id: TemplateId, deadline: RequestDeadline
    ) -> TemplateRemoval:
        """Remove one picture of a FaceId for good: an import does not bring it back.

        409 `LAST_TEMPLATE`: the FaceId has no other; erase it instead.
        """
        service.check_writable()
        name, collection = FACE_ID.known(face_id), service.collection
        left = await service.threads.record(deadline, collection.erase_template, name, template_id)
        return TemplateRemoval(
            store=service.store.id,
            face_id=name,
            template_id=template_id,
            templates=left,
            seq=collection.seq,
        )

    @router.get("/sources", responses=example_of(examples.SOURCES))
    async def list_sources(
        service: ChosenService, deadline: RequestDeadline, prefix: Start = ""
    ) -> SourceList:
        """The pictures that were imported or left out, whose names start with `prefix`.

        Those that would give something more, a template of the second model or the file that is to
        be kept, pass for changed: their digest is empty.
        """
        imports, keep = service.collection.gallery.imports, service.store.keep_pictures
        sources = await service.threads.record(deadline, imports.sources, prefix)
        again = await service.threads.record(
            deadline, imports.incomplete, service.model_names, keep
        )
        return SourceList(
            sources=[
                source.model_copy(update={"digest": ""}) if source.source in again else source
                for source in sources
            ]
        )

    return router
