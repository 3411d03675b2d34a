"""The FaceIds of a store and their pictures."""

from collections.abc import Iterable

from contract.messages.erasures import FaceErasure
from contract.messages.faces import (
    EnrollAnswer,
    FacePage,
    FaceRecord,
    PictureLikeness,
    Source,
    SourceList,
    TemplateRemoval,
    VectorsAnswer,
    VectorsDraft,
)
from contract.messages.members import (
    RenameDraft,
    RenameState,
)
from facegate.client.api_call import ApiCall, given, store_path
from facegate.client.listing import PAGE, Page
from facegate.client.picture_source import Picture


def enroll(
    store: str,
    face_id: str,
    picture: Picture,
    *,
    member_id: str | None = None,
    source: str | None = None,
    force: bool = False,
) -> ApiCall[EnrollAnswer]:
    """Store the one face of the picture under a FaceId of the store.

    A picture with the same `source` and content as before is not encoded again. One that is not
    like the FaceId's own pictures, or like somebody else's, is refused (`UNLIKE_OWN_FACE`,
    `ALREADY_ENROLLED`; the error's `warnings` say who and how alike); `force` stores it, and
    the answer has the warnings.
    """
    query = given(face_id=face_id, member_id=member_id, source=source, force=force)
    return ApiCall(
        "POST", store_path(store, "faces"), EnrollAnswer.model_validate_json, query, (picture,)
    )


def enroll_vectors(store: str, draft: VectorsDraft) -> ApiCall[VectorsAnswer]:
    """Store vectors that the store's face network has made elsewhere, all or none; at most 256.

    `model` is what `cluster()` calls the network of the store's replicas (`MODEL_MISMATCH`
    otherwise). Whom the vectors are like is not looked at.
    """
    return ApiCall(
        "POST",
        store_path(store, "faces", "vectors"),
        VectorsAnswer.model_validate_json,
        message=draft.model_dump(),
    )


def likeness(store: str, picture: Picture, to: Iterable[str] = ()) -> ApiCall[PictureLikeness]:
    """Compare a picture with others that were compared in the last two minutes.

    `to` are the `digest`s of their answers. Nothing is stored.
    """
    path, query = store_path(store, "faces", "likeness"), {"to": ",".join(to)}
    return ApiCall("POST", path, PictureLikeness.model_validate_json, query, (picture,))


def face(store: str, face_id: str) -> ApiCall[FaceRecord]:
    """Return one FaceId of the store."""
    return ApiCall("GET", store_path(store, "faces", face_id), FaceRecord.model_validate_json)


def forget(store: str, face_id: str) -> ApiCall[FaceErasure]:
    """Erase a FaceId and all its vectors; the receipt says whether the store has confirmed."""
    return ApiCall("DELETE", store_path(store, "faces", face_id), FaceErasure.model_validate_json)


def rename(store: str, face_id: str, name: str) -> ApiCall[RenameState]:
    """Give a FaceId another name, in its store and in all that is known of it."""
    message = RenameDraft(face_id=name).model_dump()
    return ApiCall(
        "POST",
        store_path(store, "faces", face_id, "rename"),
        RenameState.model_validate_json,
        message=message,
    )


def remove_picture(store: str, face_id: str, template_id: int) -> ApiCall[TemplateRemoval]:
    """Remove one picture of a FaceId, see `face(…).templates`.

    The only one is not removed (`LAST_TEMPLATE`): `forget` the FaceId instead.
    """
    path = store_path(store, "faces", face_id, "templates", str(template_id))
    return ApiCall("DELETE", path, TemplateRemoval.model_validate_json)


def sources(store: str, prefix: str = "") -> ApiCall[list[Source]]:
    """Return the pictures imported so far whose source starts with `prefix`."""
    return ApiCall(
        "GET",
        store_path(store, "sources"),
        lambda body: SourceList.model_validate_json(body).sources,
        {"prefix": prefix},
    )


def faces(store: str) -> ApiCall[Page[FaceRecord]]:
    """Yield every FaceId of the store, sorted."""

    def read(body: bytes) -> Page[FaceRecord]:
        page = FacePage.model_validate_json(body)
        return Page(page.faces, given(after=page.next_after))

    return ApiCall("GET", store_path(store, "faces"), read, given(limit=PAGE))
