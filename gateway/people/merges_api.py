"""Merging, distinguishing and renaming FaceIds over HTTP."""

from fastapi import Path, Response

from contract.errors import (
    AlreadyBound,
    BadRequest,
    Conflict,
    FaceExists,
    NotFound,
    NotTheSame,
    UnknownFace,
)
from contract.messages.members import (
    FaceRef,
    MergeDraft,
    MergeState,
    NotAnswer,
    NotDraft,
    RenameDraft,
    RenameState,
)
from gateway.http.parameters import PathStore, RequestDeadline, StoresInForce
from gateway.people import member_examples
from gateway.people.merges import Merges
from gateway.people.renames import Renames
from service.http.examples import example_of
from service.http.json_routes import StrictJsonRoute
from service.http.problems import problems
from service.http.routes import Routes

_LARGEST = 2**62


def merges_routes(merges: Merges, renames: Renames) -> Routes:
    """Return the routes that correct who is who."""
    routes = Routes(prefix="/v1", route_class=StrictJsonRoute, tags=["members"])

    @routes.post(
        "/faces/merge",
        status_code=201,
        responses=example_of(member_examples.MERGE, 201)
        | problems(UnknownFace, AlreadyBound, NotTheSame),
    )
    async def merge_faces(
        draft: MergeDraft, stores: StoresInForce, deadline: RequestDeadline
    ) -> MergeState:
        """Make two FaceIds one person, in one store or two: PV stays, UV is restated."""
        return await merges.merge(stores, draft.into, draft.source, deadline)

    @routes.get(
        "/faces/merge/{merge}", responses=example_of(member_examples.MERGE) | problems(NotFound)
    )
    async def get_merge(
        deadline: RequestDeadline, merge: int = Path(ge=0, le=_LARGEST)
    ) -> MergeState:
        """Read a merge."""
        return await merges.read(merge, deadline)

    @routes.post(
        "/faces/merge/{merge}/undo",
        responses=example_of(member_examples.MERGE_UNDONE) | problems(NotFound),
    )
    async def undo_merge(
        deadline: RequestDeadline, merge: int = Path(ge=0, le=_LARGEST)
    ) -> MergeState:
        """Undo a merge: the FaceIds and visits that it moved are whose they were before."""
        return await merges.undo(merge, deadline)

    @routes.post(
        "/stores/{store}/faces/{face_id}/rename",
        responses=example_of(member_examples.RENAMED)
        | example_of(member_examples.RENAME_WAITS, 202, RenameState)
        | problems(UnknownFace, FaceExists, Conflict),
    )
    async def rename_face(
        home: PathStore,
        face_id: str,
        draft: RenameDraft,
        deadline: RequestDeadline,
        response: Response,
    ) -> RenameState:
        """Give a FaceId another name, in its store and in the whole record.

        409 `FACE_EXISTS`: the store has a FaceId of this name. 202: the shard has not confirmed
        yet; it is not asked who anybody is before it has.
        """
        state = await renames.rename(home, face_id, draft.face_id, deadline)
        response.status_code = 202 if state.pending else 200
        return state

    @routes.post(
        "/stores/{store}/faces/{face_id}/not",
        responses=example_of(member_examples.NOT_THE_SAME) | problems(UnknownFace, NotFound),
    )
    async def tell_apart(
        home: PathStore,
        face_id: str,
        draft: NotDraft,
        stores: StoresInForce,
        deadline: RequestDeadline,
    ) -> NotAnswer:
        """Say that this FaceId is not another one, or not who came in a visit.

        Two FaceIds that are not one person are never merged again. Who came in the visit gets a
        FaceId of their own, `other`, if the store's shard still has the face in memory.
        """
        face = FaceRef(store=home.id, face_id=face_id)
        if draft.visit is not None and draft.face_id is None:
            if not draft.visit.isdecimal() or int(draft.visit) > _LARGEST:
                raise BadRequest(f"there is no visit {draft.visit[:50]!r}")
            return await merges.reassign_visit(stores, face, int(draft.visit), deadline)
        if draft.face_id is None or draft.visit is not None:
            raise BadRequest("say either `store` and `face_id`, or `visit`")
        other = FaceRef(store=draft.store or home.id, face_id=draft.face_id)
        return await merges.distinguish_face(stores, face, other, deadline)

    return routes
