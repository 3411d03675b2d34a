"""The gateway's routes as values: what to send, and which message comes back.

The sync and the async client both send these, so that each route is written down once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Generic, TypeVar
from urllib.parse import quote

from pydantic import BaseModel

from contract.erasure_messages import ErasureReceipt
from contract.member_messages import Member, MemberDraft, MemberPage, MergeDraft, MergeState
from contract.member_table import ImportReport
from contract.messages import (
    Calibration,
    ClusterStatus,
    CompareAnswer,
    DemoAnswer,
    EnrolAnswer,
    ErasedAnswer,
    FacePage,
    FaceRecord,
    Message,
    RecognizeAnswer,
    RoamingAnswer,
    SearchPictureAnswer,
    SourceList,
    StoreList,
    TrafficAnswer,
)

Picture = bytes | Path
"""The content of a picture file, or where the file is."""

Parameter = str | int | bool

_M = TypeVar("_M", bound=Message)


@dataclass(frozen=True)
class ApiCall(Generic[_M]):
    """One request. `body` is a raw picture, `images` go as multipart parts named `image`.

    `key` goes as `Idempotency-Key`.
    """

    method: str
    path: str
    answer: type[_M]
    query: Mapping[str, Parameter] = field(default_factory=dict)
    body: Picture | None = None
    images: tuple[Picture, ...] = ()
    message: BaseModel | None = None
    table: str | None = None
    key: str | None = None


def content_of(picture: Picture) -> bytes:
    """Return the picture file's content. Raises OSError when the file cannot be read."""
    return picture.read_bytes() if isinstance(picture, Path) else picture


def recognize(
    store: str,
    pictures: Picture | Sequence[Picture],
    *,
    mint: bool,
    candidates: int,
    camera: str | None,
    track: str | None,
    captured_at: datetime | None,
    visit: bool,
    key: str | None,
) -> ApiCall[RecognizeAnswer]:
    query = _given(
        mint=mint,
        candidates=candidates or None,
        camera=camera,
        track=track,
        captured_at=captured_at.isoformat() if captured_at else None,
        visit=None if visit else False,
    )
    path = _of(store, "recognize")
    if isinstance(pictures, bytes | Path):
        return ApiCall("POST", path, RecognizeAnswer, query, pictures, key=key)
    return ApiCall("POST", path, RecognizeAnswer, query, images=tuple(pictures), key=key)


def enroll(
    store: str, face_id: str, picture: Picture, *, member_id: str | None, source: str | None
) -> ApiCall[EnrolAnswer]:
    query = _given(face_id=face_id, member_id=member_id, source=source)
    return ApiCall("POST", _of(store, "faces"), EnrolAnswer, query, picture)


def faces(store: str, *, after: str | None, limit: int) -> ApiCall[FacePage]:
    return ApiCall("GET", _of(store, "faces"), FacePage, _given(after=after, limit=limit))


def face(store: str, face_id: str) -> ApiCall[FaceRecord]:
    return ApiCall("GET", _of(store, "faces", face_id), FaceRecord)


def forget(store: str, face_id: str) -> ApiCall[ErasedAnswer]:
    return ApiCall("DELETE", _of(store, "faces", face_id), ErasedAnswer)


def sources(store: str, prefix: str) -> ApiCall[SourceList]:
    return ApiCall("GET", _of(store, "sources"), SourceList, {"prefix": prefix})


def calibration(store: str, rate: float | None) -> ApiCall[Calibration]:
    query: dict[str, Parameter] = {} if rate is None else {"rate": str(rate)}
    return ApiCall("GET", _of(store, "calibration"), Calibration, query)


def search(picture: Picture, *, candidates: int) -> ApiCall[SearchPictureAnswer]:
    query = {"candidates": candidates}
    return ApiCall("POST", "/v1/search", SearchPictureAnswer, query, picture)


def compare(one: Picture, other: Picture) -> ApiCall[CompareAnswer]:
    return ApiCall("POST", "/v1/compare", CompareAnswer, images=(one, other))


def traffic(
    store: str | None, *, by: str, start: str | None, end: str | None
) -> ApiCall[TrafficAnswer]:
    query = _given(by=by, **{"from": start}, to=end)
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


def put_member(member_id: str, draft: MemberDraft) -> ApiCall[Member]:
    return ApiCall("PUT", _member(member_id), Member, message=draft)


def members(
    text: str | None, *, tag: str | None, after: str | None, limit: int
) -> ApiCall[MemberPage]:
    query = _given(q=text, tag=tag, after=after, limit=limit)
    return ApiCall("GET", "/v1/members", MemberPage, query)


def bind(member_id: str, store: str, face_id: str) -> ApiCall[Member]:
    path = "/".join([_member(member_id), "faces", quote(store, safe=""), quote(face_id, safe="")])
    return ApiCall("PUT", path, Member)


def import_members(table: str) -> ApiCall[ImportReport]:
    return ApiCall("POST", "/v1/members.csv", ImportReport, table=table)


def erase_member(member_id: str) -> ApiCall[ErasureReceipt]:
    return ApiCall("DELETE", _member(member_id), ErasureReceipt, {"erase": True})


def erasure(erasure_id: str) -> ApiCall[ErasureReceipt]:
    return ApiCall("GET", f"/v1/erasures/{quote(erasure_id, safe='')}", ErasureReceipt)


def merge(draft: MergeDraft) -> ApiCall[MergeState]:
    return ApiCall("POST", "/v1/faces/merge", MergeState, message=draft)


def undo_merge(merge_id: str) -> ApiCall[MergeState]:
    path = f"/v1/faces/merge/{quote(merge_id, safe='')}/undo"
    return ApiCall("POST", path, MergeState)


def _member(member_id: str) -> str:
    return f"/v1/members/{quote(member_id, safe='')}"


def _of(store: str, *rest: str) -> str:
    return "/v1/stores/" + "/".join(quote(part, safe="") for part in (store, *rest))


def _given(**query: Parameter | None) -> dict[str, Parameter]:
    return {name: value for name, value in query.items() if value is not None}
