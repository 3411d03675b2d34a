"""The gateway's routes as values: what to send, and how to read what comes back.

The sync and the async client both send these, so that each route is written down once.
"""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import NoneType
from typing import Any, Generic, TypeVar, cast
from urllib.parse import quote

from pydantic import BaseModel

from contract.messages.calibration import Calibration
from contract.messages.cluster import ClusterStatus, StoreList
from contract.messages.erasures import ErasureReceipt, FaceErasure
from contract.messages.faces import (
    EnrollAnswer,
    FacePage,
    FaceRecord,
    PictureLikeness,
    SourceList,
    TemplateRemoval,
)
from contract.messages.live import Present
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
    RenameDraft,
    RenameState,
)
from contract.messages.recognition import CompareAnswer, RecognizeAnswer, SearchPictureAnswer
from contract.messages.traffic import DemoAnswer, RoamingAnswer, TraceAnswer, TrafficAnswer
from contract.messages.webhooks import WebhookList, WebhookStatus
from facegate.client.picture_source import Picture, alone_or_together

Parameter = str | int | bool

_A = TypeVar("_A")


@dataclass(frozen=True)
class ApiCall(Generic[_A]):
    """One request. A picture goes as the raw body, those `in_form` as parts named `image`.

    `answer` is a message, a text or nothing. `key` goes as `Idempotency-Key`.
    """

    method: str
    path: str
    answer: type[_A]
    query: Mapping[str, Parameter] = field(default_factory=dict)
    pictures: tuple[Picture, ...] = ()
    in_form: bool = False
    message: Mapping[str, Any] | None = None
    table: str | None = None
    key: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


def read_answer(call: ApiCall[_A], body: bytes) -> _A:
    """Return the answer in the body of a response. Raises ValueError when it makes no sense."""
    if issubclass(call.answer, BaseModel):
        return call.answer.model_validate_json(body)
    return cast(_A, body.decode() if call.answer is str else None)


def recognize(
    store: str,
    pictures: Picture | Iterable[Picture],
    *,
    mint: bool,
    candidates: int,
    camera: str | None,
    track: str | None,
    captured_at: datetime | None,
    visit: bool,
    frame: str | int | None,
    key: str | None,
) -> ApiCall[RecognizeAnswer]:
    query = _given(
        mint=mint,
        candidates=candidates or None,
        camera=camera,
        track=track,
        captured_at=captured_at.isoformat() if captured_at else None,
        visit=None if visit else False,
        frame=frame,
    )
    if key is None and frame is None and (mint or visit):
        key = uuid.uuid4().hex  # asked again because a shard was busy, it counts once
    path = _of(store, "recognize")
    return ApiCall("POST", path, RecognizeAnswer, query, *alone_or_together(pictures), key=key)


def enroll(
    store: str,
    face_id: str,
    picture: Picture,
    *,
    member_id: str | None,
    source: str | None,
    force: bool,
) -> ApiCall[EnrollAnswer]:
    query = _given(face_id=face_id, member_id=member_id, source=source, force=force)
    return ApiCall("POST", _of(store, "faces"), EnrollAnswer, query, (picture,))


def likeness(store: str, picture: Picture, to: Iterable[str]) -> ApiCall[PictureLikeness]:
    path, query = _of(store, "faces", "likeness"), {"to": ",".join(to)}
    return ApiCall("POST", path, PictureLikeness, query, (picture,))


def faces(store: str, *, after: str | None, limit: int) -> ApiCall[FacePage]:
    return ApiCall("GET", _of(store, "faces"), FacePage, _given(after=after, limit=limit))


def face(store: str, face_id: str) -> ApiCall[FaceRecord]:
    return ApiCall("GET", _of(store, "faces", face_id), FaceRecord)


def forget(store: str, face_id: str) -> ApiCall[FaceErasure]:
    return ApiCall("DELETE", _of(store, "faces", face_id), FaceErasure)


def rename(store: str, face_id: str, draft: RenameDraft) -> ApiCall[RenameState]:
    message = draft.model_dump()
    return ApiCall("POST", _of(store, "faces", face_id, "rename"), RenameState, message=message)


def remove_picture(store: str, face_id: str, template_id: int) -> ApiCall[TemplateRemoval]:
    path = _of(store, "faces", face_id, "templates", str(template_id))
    return ApiCall("DELETE", path, TemplateRemoval)


def sources(store: str, prefix: str) -> ApiCall[SourceList]:
    return ApiCall("GET", _of(store, "sources"), SourceList, {"prefix": prefix})


def calibration(store: str, rate: float | None) -> ApiCall[Calibration]:
    query: dict[str, Parameter] = {} if rate is None else {"rate": str(rate)}
    return ApiCall("GET", _of(store, "calibration"), Calibration, query)


def search(picture: Picture, *, candidates: int) -> ApiCall[SearchPictureAnswer]:
    query = {"candidates": candidates}
    return ApiCall("POST", "/v1/search", SearchPictureAnswer, query, (picture,))


def compare(one: Picture, other: Picture) -> ApiCall[CompareAnswer]:
    return ApiCall("POST", "/v1/compare", CompareAnswer, pictures=(one, other), in_form=True)


def traffic(
    store: str | None, *, by: str, start: str | None, end: str | None, against: int | None
) -> ApiCall[TrafficAnswer]:
    query = _given(by=by, **{"from": start}, to=end, against=against)
    path = "/v1/traffic" if store is None else _of(store, "traffic")
    return ApiCall("GET", path, TrafficAnswer, query)


def roaming(*, start: str | None, end: str | None) -> ApiCall[RoamingAnswer]:
    return ApiCall("GET", "/v1/traffic/roaming", RoamingAnswer, _given(**{"from": start}, to=end))


def stores() -> ApiCall[StoreList]:
    return ApiCall("GET", "/v1/stores", StoreList)


def cluster() -> ApiCall[ClusterStatus]:
    return ApiCall("GET", "/v1/cluster", ClusterStatus)


def make_demo_data(*, days: int) -> ApiCall[DemoAnswer]:
    return ApiCall("POST", "/v1/demo", DemoAnswer, {"days": days})


def remove_demo_data() -> ApiCall[DemoAnswer]:
    return ApiCall("DELETE", "/v1/demo", DemoAnswer)


def member(member_id: str) -> ApiCall[Member]:
    return ApiCall("GET", _member(member_id), Member)


def put_member(
    member_id: str, draft: MemberDraft, *, new: bool, as_read: str | None
) -> ApiCall[Member]:
    headers = {"If-None-Match": "*"} if new else {}
    if as_read is not None:
        headers["If-Match"] = f'"{as_read}"'
    return ApiCall("PUT", _member(member_id), Member, message=_json(draft), headers=headers)


def members(
    text: str | None, *, tag: str | None, after: str | None, limit: int
) -> ApiCall[MemberPage]:
    query = _given(q=text, tag=tag, after=after, limit=limit)
    return ApiCall("GET", "/v1/members", MemberPage, query)


def drop_member(member_id: str) -> ApiCall[None]:
    return ApiCall("DELETE", _member(member_id), NoneType)


def bind(member_id: str, store: str, face_id: str) -> ApiCall[Member]:
    return ApiCall("PUT", _member(member_id, "faces", store, face_id), Member)


def unbind(member_id: str, store: str, face_id: str) -> ApiCall[Member]:
    return ApiCall("DELETE", _member(member_id, "faces", store, face_id), Member)


def trace(member_id: str, *, before: int | None, limit: int) -> ApiCall[TraceAnswer]:
    query = _given(before=before, limit=limit)
    return ApiCall("GET", _member(member_id, "trace"), TraceAnswer, query)


def export_members() -> ApiCall[str]:
    return ApiCall("GET", "/v1/members.csv", str)


def import_members(table: str) -> ApiCall[ImportReport]:
    return ApiCall("POST", "/v1/members.csv", ImportReport, table=table)


def erase_member(member_id: str) -> ApiCall[ErasureReceipt]:
    return ApiCall("DELETE", _member(member_id), ErasureReceipt, {"erase": True})


def erasure(erasure_id: str) -> ApiCall[ErasureReceipt]:
    return ApiCall("GET", _path("erasures", erasure_id), ErasureReceipt)


def merge(draft: MergeDraft) -> ApiCall[MergeState]:
    return ApiCall("POST", "/v1/faces/merge", MergeState, message=_json(draft))


def merge_state(merge_id: str) -> ApiCall[MergeState]:
    return ApiCall("GET", _path("faces", "merge", merge_id), MergeState)


def undo_merge(merge_id: str) -> ApiCall[MergeState]:
    return ApiCall("POST", _path("faces", "merge", merge_id, "undo"), MergeState)


def say_not(face: FaceRef, draft: NotDraft) -> ApiCall[NotAnswer]:
    path = _of(face.store, "faces", face.face_id, "not")
    return ApiCall("POST", path, NotAnswer, message=_json(draft))


def present(store: str) -> ApiCall[Present]:
    return ApiCall("GET", _of(store, "present"), Present)


def live(store: str, *, after: str | None) -> ApiCall[str]:
    return ApiCall("GET", _of(store, "live"), str, _given(after=after))


def webhooks() -> ApiCall[WebhookList]:
    return ApiCall("GET", "/v1/webhooks", WebhookList)


def webhook(name: str) -> ApiCall[WebhookStatus]:
    return ApiCall("GET", _path("webhooks", name), WebhookStatus)


def put_webhook(
    name: str, url: str, *, store: str | None, secret: str | None
) -> ApiCall[WebhookStatus]:
    message = _given(url=url, store=store, secret=secret)
    return ApiCall("PUT", _path("webhooks", name), WebhookStatus, message=message)


def delete_webhook(name: str) -> ApiCall[WebhookStatus]:
    return ApiCall("DELETE", _path("webhooks", name), WebhookStatus)


def healthz() -> ApiCall[None]:
    return ApiCall("GET", "/healthz", NoneType)


def readyz() -> ApiCall[None]:
    return ApiCall("GET", "/readyz", NoneType)


def metrics() -> ApiCall[str]:
    return ApiCall("GET", "/metrics", str)


def _path(*parts: str) -> str:
    return "/".join(["/v1", *(quote(part, safe="") for part in parts)])


def _member(member_id: str, *rest: str) -> str:
    return _path("members", member_id, *rest)


def _of(store: str, *rest: str) -> str:
    return _path("stores", store, *rest)


def _json(draft: BaseModel) -> dict[str, Any]:
    return draft.model_dump(mode="json", by_alias=True)


def _given(**query: Parameter | None) -> dict[str, Parameter]:
    return {name: value for name, value in query.items() if value is not None}
