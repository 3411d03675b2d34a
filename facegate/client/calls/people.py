"""Members, merges and erasures."""

from datetime import datetime

from contract.messages.erasures import ErasurePage, ErasureReceipt, ErasureSummary
from contract.messages.imports.import_job import ImportJob, ImportList
from contract.messages.looking_again import LookReport
from contract.messages.member_table import ImportReport
from contract.messages.members import (
    FaceRef,
    Member,
    MemberDraft,
    MemberPage,
    MergeDraft,
    MergeState,
    NotAnswer,
    NotDraft,
)
from contract.messages.privacy.consent import ConsentDraft
from contract.messages.privacy.person_export import PersonExport
from contract.messages.privacy.privacy_status import PrivacyStatus
from contract.messages.traffic import TraceAnswer, TracedVisit
from facegate.client.api_call import (
    ApiCall,
    Parameter,
    given,
    json_of,
    member_path,
    nothing,
    path_of,
    store_path,
)
from facegate.client.listing import PAGE, Page


def member(member_id: str) -> ApiCall[Member]:
    """Return a member."""
    return ApiCall("GET", member_path(member_id), Member.model_validate_json)


def put_member(
    member_id: str,
    draft: MemberDraft,
    *,
    new: bool = False,
    as_read: str | None = None,
) -> ApiCall[Member]:
    """Write everything about a member; what is left out is empty.

    With `new` a member whom there is already is refused: `MEMBER_EXISTS`. With `as_read`, the
    `updated_at` of the member as you read them, one whom somebody wrote since is.
    """
    headers = {"If-None-Match": "*"} if new else {}
    if as_read is not None:
        headers["If-Match"] = f'"{as_read}"'
    return ApiCall(
        "PUT",
        member_path(member_id),
        Member.model_validate_json,
        message=json_of(draft),
        headers=headers,
    )


def drop_member(member_id: str) -> ApiCall[None]:
    """Forget a member's profile and unbind the FaceIds, which stay."""
    return ApiCall("DELETE", member_path(member_id), nothing)


def give_consent(
    member_id: str, text: str, *, taken_by: str | None = None, at: datetime | None = None
) -> ApiCall[Member]:
    """Note that a member agrees that other stores find them, and to which text.

    Who took it is `taken_by`, by default the key; `at` is when, by default now.
    """
    moment = None if at is None else at.isoformat()
    draft = ConsentDraft(text=text, taken_by=taken_by, at=moment)
    return ApiCall(
        "PUT",
        member_path(member_id, "consent"),
        Member.model_validate_json,
        message=json_of(draft),
    )


def withdraw_consent(member_id: str) -> ApiCall[Member]:
    """Note that a member does not agree, or no more: no other store finds them from now on."""
    return ApiCall("DELETE", member_path(member_id, "consent"), Member.model_validate_json)


def bind(member_id: str, store: str, face_id: str) -> ApiCall[Member]:
    """Bind a FaceId of a store to a member, with the history of its visits."""
    return ApiCall(
        "PUT", member_path(member_id, "faces", store, face_id), Member.model_validate_json
    )


def unbind(member_id: str, store: str, face_id: str) -> ApiCall[Member]:
    """Let a FaceId go: it and the visits it was seen in are somebody else's."""
    return ApiCall(
        "DELETE", member_path(member_id, "faces", store, face_id), Member.model_validate_json
    )


def export_members() -> ApiCall[str]:
    """Return all members as a table in CSV, see `contract.messages.member_table`."""
    return ApiCall("GET", "/v1/members.csv", bytes.decode)


def import_members(table: str) -> ApiCall[ImportReport]:
    """Write the members of a table in CSV, see `contract.messages.member_table`."""
    return ApiCall("POST", "/v1/members.csv", ImportReport.model_validate_json, table=table)


def begin_import(table: str, *, partial: bool = False, more: bool = False) -> ApiCall[ImportJob]:
    """Have a table in CSV written as a job of the gateway, or begin with the first part of one.

    With `partial` lines that are right are taken where others are not. It is one at a time:
    `IMPORT_RUNNING`.
    """
    query: dict[str, Parameter] = {"partial": partial, "more": more}
    return ApiCall("POST", "/v1/imports", ImportJob.model_validate_json, query=query, table=table)


def add_import_part(job: str, part: int, table: str, *, more: bool = False) -> ApiCall[ImportJob]:
    """Send the next part of a table, the second, third and so on; `more` parts follow."""
    query: dict[str, Parameter] = {"part": part, "more": more}
    return ApiCall(
        "POST",
        path_of("imports", job, "parts"),
        ImportJob.model_validate_json,
        query=query,
        table=table,
    )


def import_job(job: str) -> ApiCall[ImportJob]:
    """Return how far an import is, and which lines are wrong."""
    return ApiCall("GET", path_of("imports", job), ImportJob.model_validate_json)


def imports() -> ApiCall[list[ImportJob]]:
    """Return the imports of the last 30 days, the last first, without their wrong lines."""
    return ApiCall("GET", "/v1/imports", lambda body: ImportList.model_validate_json(body).imports)


def cancel_import(job: str) -> ApiCall[ImportJob]:
    """Cancel an import: what it has written is undone."""
    return ApiCall("DELETE", path_of("imports", job), ImportJob.model_validate_json)


def export_person(member_id: str) -> ApiCall[PersonExport]:
    """Return everything that is known about a member, but for the vectors."""
    return ApiCall("GET", member_path(member_id, "export"), PersonExport.model_validate_json)


def export_person_of_face(store: str, face_id: str) -> ApiCall[PersonExport]:
    """Return everything that is known about whose FaceId it is, but for the vectors."""
    return ApiCall(
        "GET", store_path(store, "faces", face_id, "export"), PersonExport.model_validate_json
    )


def privacy() -> ApiCall[PrivacyStatus]:
    """Return how many persons are known, how long they are kept, and what is yet to be erased."""
    return ApiCall("GET", path_of("privacy"), PrivacyStatus.model_validate_json)


def erase_member(member_id: str) -> ApiCall[ErasureReceipt]:
    """Erase a member in every store; the receipt says who has confirmed."""
    return ApiCall(
        "DELETE", member_path(member_id), ErasureReceipt.model_validate_json, {"erase": True}
    )


def erasure(erasure_id: str) -> ApiCall[ErasureReceipt]:
    """Return the newest receipt of an erasure."""
    return ApiCall("GET", path_of("erasures", erasure_id), ErasureReceipt.model_validate_json)


def erasures(
    *,
    member_id: str | None = None,
    store: str | None = None,
    face_id: str | None = None,
    complete: bool | None = None,
) -> ApiCall[Page[ErasureSummary]]:
    """Yield erasures, the last first: of a member, of a FaceId, of a store.

    With `complete` False those that somebody has yet to confirm.
    """

    def read(body: bytes) -> Page[ErasureSummary]:
        page = ErasurePage.model_validate_json(body)
        return Page(page.erasures, given(after=page.next_after))

    query = given(member_id=member_id, store=store, face_id=face_id, complete=complete, limit=PAGE)
    return ApiCall("GET", path_of("erasures"), read, query)


def merge(into: FaceRef, source: FaceRef) -> ApiCall[MergeState]:
    """Make two FaceIds one person."""
    return ApiCall(
        "POST",
        "/v1/faces/merge",
        MergeState.model_validate_json,
        message=json_of(MergeDraft(into=into, source=source)),
    )


def merge_state(merge_id: str) -> ApiCall[MergeState]:
    """Return a merge."""
    return ApiCall("GET", path_of("faces", "merge", merge_id), MergeState.model_validate_json)


def undo_merge(merge_id: str) -> ApiCall[MergeState]:
    """Undo a merge."""
    return ApiCall(
        "POST", path_of("faces", "merge", merge_id, "undo"), MergeState.model_validate_json
    )


def reconcile_visitors(store: str | None = None) -> ApiCall[LookReport]:
    """Look again who of the visitors of a store, or of all, is one person; return what it did.

    It takes seconds to minutes: give the client the time.
    """
    return ApiCall(
        "POST",
        path_of("visitors", "reconcile"),
        LookReport.model_validate_json,
        query=given(store=store),
    )


def not_the_same(face: FaceRef, other: FaceRef) -> ApiCall[NotAnswer]:
    """Say that two FaceIds are not one person; they are never merged again."""
    return _not(face, NotDraft(store=other.store, face_id=other.face_id))


def not_who_came(face: FaceRef, visit: str) -> ApiCall[NotAnswer]:
    """Say that a FaceId is not the person who came in a visit."""
    return _not(face, NotDraft(visit=visit))


def members(text: str | None = None, *, tag: str | None = None) -> ApiCall[Page[Member]]:
    """Yield the members whose name holds `text` or whose id starts with it, sorted by id."""

    def read(body: bytes) -> Page[Member]:
        page = MemberPage.model_validate_json(body)
        return Page(page.members, given(after=page.next_after))

    return ApiCall("GET", "/v1/members", read, given(q=text, tag=tag, limit=PAGE))


def trace(member_id: str) -> ApiCall[Page[TracedVisit]]:
    """Yield the visits of a member who agreed that stores share what they know, last first."""

    def read(body: bytes) -> Page[TracedVisit]:
        page = TraceAnswer.model_validate_json(body)
        return Page(page.visits, given(before=page.next_before))

    return ApiCall("GET", member_path(member_id, "trace"), read, given(limit=PAGE))


def _not(face: FaceRef, draft: NotDraft) -> ApiCall[NotAnswer]:
    path = store_path(face.store, "faces", face.face_id, "not")
    return ApiCall("POST", path, NotAnswer.model_validate_json, message=json_of(draft))
