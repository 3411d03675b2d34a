"""What the gateway has done to FaceIds over HTTP: bound, merged, confirmed, told apart, erased."""

from collections.abc import Callable
from itertools import groupby
from typing import Annotated, TypeVar

from fastapi import Query

from contract.deadline import Deadline
from contract.errors import Conflict, FaceExists, UnknownFace
from contract.messages.faces import FaceRecord
from contract.messages.shard_updates import (
    AskedFaces,
    Bindings,
    Distinction,
    EraseConfirmation,
    EraseOrder,
    Expired,
    FaceNames,
    MergeConfirmation,
    MergeOrder,
    NewName,
    ProvisionalFace,
    ProvisionalFaces,
)
from contract.text.identifiers import FACE_ID, Reference, Start
from contract.text.moment import moment_of
from contract.vectors import to_text
from service.http.examples import example_of
from service.http.json_routes import StrictJsonRoute
from service.http.problems import problems
from service.http.routes import Routes
from shard.api import examples
from shard.api.chosen_store import ChosenService
from shard.api.request_deadline import RequestDeadline
from shard.gallery.gallery import Gallery
from shard.service import Service

T = TypeVar("T")
_Person = Annotated[str | None, Query(description="who it was taken for, where nobody got them")]
_Moment = Annotated[str, Query(description="RFC 3339", json_schema_extra={"format": "date-time"})]


def update_routes() -> Routes:
    """Return the routes for the gateway alone."""
    router = Routes(route_class=StrictJsonRoute, tags=["updates"])

    async def change(service: Service, deadline: Deadline, work: Callable[[Gallery], T]) -> T:
        service.check_writable()
        collection = service.collection
        return await service.threads.record(
            deadline, collection.change, lambda: work(collection.gallery)
        )

    @router.put("/bindings", responses=example_of(examples.NAMES))
    async def bind_faces(
        service: ChosenService, bindings: Bindings, deadline: RequestDeadline
    ) -> FaceNames:
        """Make FaceIds those of members, who move to the members' index, or nobody's again.

        Those that the store does not have are left out of the answer.
        """
        names = await change(service, deadline, lambda gallery: gallery.bind(bindings.faces))
        return FaceNames(store=service.store.id, face_ids=names)

    @router.post(
        "/faces/{face_id}/confirm", responses=example_of(examples.FACE) | problems(UnknownFace)
    )
    async def confirm_face(
        service: ChosenService, face_id: str, deadline: RequestDeadline
    ) -> FaceRecord:
        """Make a provisional FaceId one like the others."""
        name = FACE_ID.known(face_id)
        return await change(service, deadline, lambda gallery: gallery.confirm(name))

    @router.put(
        "/faces/{face_id}/name",
        responses=example_of(examples.FACE) | problems(UnknownFace, FaceExists, Conflict),
    )
    async def rename_face(
        service: ChosenService, face_id: str, new: NewName, deadline: RequestDeadline
    ) -> FaceRecord:
        """Give a FaceId another name; a second time changes nothing."""
        name = FACE_ID.known(face_id)
        record = await change(service, deadline, lambda gallery: gallery.rename(name, new.face_id))
        service.sightings.rename(name, new.face_id)
        return record

    @router.put(
        "/faces/{face_id}/not", responses=example_of(examples.NAMES) | problems(UnknownFace)
    )
    async def tell_apart(
        service: ChosenService, face_id: str, distinction: Distinction, deadline: RequestDeadline
    ) -> FaceNames:
        """Remember who is not whom."""
        name, other = FACE_ID.known(face_id), distinction.other
        await change(service, deadline, lambda gallery: gallery.add_distinction(name, other))
        return FaceNames(store=service.store.id, face_ids=[name, other])

    @router.put("/merges/{merge}", responses=example_of(examples.MERGED) | problems(UnknownFace))
    async def merge_faces(
        service: ChosenService, merge: Reference, order: MergeOrder, deadline: RequestDeadline
    ) -> MergeConfirmation:
        """Give the templates of one FaceId to another; a second time changes nothing."""
        moved = await change(
            service, deadline, lambda gallery: gallery.merge(merge, order.into, order.source)
        )
        return MergeConfirmation(store=service.store.id, templates=moved)

    @router.delete("/merges/{merge}", responses=example_of(examples.MERGED))
    async def undo_merge(
        service: ChosenService, merge: Reference, deadline: RequestDeadline, into: _Person = None
    ) -> MergeConfirmation:
        """Give the templates back; a second time changes nothing.

        What the FaceId that got them has learned meanwhile is forgotten.
        """
        person = None if into is None else FACE_ID.known(into)
        moved = await change(service, deadline, lambda gallery: gallery.unmerge(merge, person))
        return MergeConfirmation(store=service.store.id, templates=moved)

    @router.delete("/set-aside", responses=example_of(examples.EXPIRED))
    async def expire_set_aside(
        service: ChosenService, deadline: RequestDeadline, before: _Moment
    ) -> Expired:
        """Remove what merges set aside before a moment."""
        moment = moment_of(before)
        removed = await change(service, deadline, lambda gallery: gallery.expire(moment))
        return Expired(store=service.store.id, templates=removed)

    @router.post("/erase", responses=example_of(examples.ERASURE))
    async def erase_faces(
        service: ChosenService, order: EraseOrder, deadline: RequestDeadline
    ) -> EraseConfirmation:
        """Remove FaceIds for good; those that are not there are gone already."""
        erased = await change(
            service, deadline, lambda gallery: gallery.erase(order.face_ids, order.member_id)
        )
        service.sightings.forget(erased)
        return EraseConfirmation(store=service.store.id, seq=service.collection.seq, erased=erased)

    @router.post("/known-faces", responses=example_of(examples.NAMES))
    async def list_known(
        service: ChosenService, asked: AskedFaces, deadline: RequestDeadline
    ) -> FaceNames:
        """Those of some FaceIds that the store has."""
        gallery = service.collection.gallery
        names = await service.threads.record(deadline, gallery.known_faces, asked.face_ids)
        return FaceNames(store=service.store.id, face_ids=names)

    @router.get("/provisional", responses=example_of(examples.PROVISIONAL))
    async def list_provisional(
        service: ChosenService,
        deadline: RequestDeadline,
        limit: Annotated[int, Query(ge=1, le=256)] = 100,
    ) -> ProvisionalFaces:
        """FaceIds minted while not every store answered, with their vectors."""
        found = await change(
            service, deadline, lambda gallery: gallery.provisional(service.encoder.model, limit)
        )
        faces = [
            ProvisionalFace(face_id=face_id, vectors=[to_text(row.vector) for row in rows])
            for face_id, rows in groupby(found, key=lambda row: row.face_id)
        ]
        return ProvisionalFaces(store=service.store.id, model=service.encoder.model, faces=faces)

    @router.get("/visitors", responses=example_of(examples.NAMES))
    async def list_visitors(
        service: ChosenService,
        deadline: RequestDeadline,
        created_before: _Moment,
        after: Start = "",
        limit: Annotated[int, Query(ge=1, le=1000)] = 1000,
    ) -> FaceNames:
        """Visitors made before a moment, in the order of their names."""
        moment = moment_of(created_before)
        names = await change(
            service, deadline, lambda gallery: gallery.old_visitors(moment, after, limit)
        )
        return FaceNames(store=service.store.id, face_ids=names)

    return router
