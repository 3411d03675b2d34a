"""The Python client of a gateway, sync and async, typed. The one module that knows httpx."""

from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import datetime
from types import TracebackType
from typing import Any, Literal, Self, TypeVar

import httpx
from pydantic import ValidationError

from contract.erasure_messages import ErasureReceipt
from contract.member_messages import FaceRef, Member, MemberDraft, MergeDraft, MergeState
from contract.member_table import ImportReport
from contract.messages import (
    Calibration,
    ClusterStatus,
    CompareAnswer,
    EnrolAnswer,
    ErasedAnswer,
    FaceRecord,
    Message,
    Problem,
    RecognizeAnswer,
    RoamingRow,
    SearchPictureAnswer,
    Source,
    StoreSummary,
    TrafficAnswer,
)
from facegate import api_call
from facegate.api_call import ApiCall, Picture
from facegate.api_error import ApiError, GatewayUnreachable

DEFAULT_URL = "http://127.0.0.1:8000"
PAGE = 1000
"""FaceIds that one request of a listing brings."""

By = Literal["hour", "day", "week"]

_M = TypeVar("_M", bound=Message)


class Client:
    """A gateway's routes as methods.

    Every method raises ApiError when the gateway refuses and GatewayUnreachable when it does not
    answer; one that takes a picture's path raises OSError when the file cannot be read.

        with Client("http://127.0.0.1:8000") as client:
            answer = client.recognize("store-a", Path("door.jpg"))
    """

    def __init__(self, url: str = DEFAULT_URL, *, timeout: float = 30.0) -> None:
        """Talk to the gateway at `url`; give up on an answer after `timeout` seconds."""
        self.url = url.rstrip("/")
        self._http = httpx.Client(**_options(self.url, timeout))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def recognize(
        self,
        store: str,
        picture: Picture | Sequence[Picture],
        *,
        mint: bool = True,
        candidates: int = 0,
        camera: str | None = None,
        track: str | None = None,
        captured_at: datetime | None = None,
        visit: bool = True,
        key: str | None = None,
    ) -> RecognizeAnswer:
        """Return who is in the picture, as the store's camera would ask.

        `mint` gives a stranger a new FaceId; `candidates` adds the best k with their scores.
        Several pictures, and all those of one `track`, are frames of one person, who comes first.

        Those with a FaceId are counted as visits at the moment `captured_at`, which has a time
        zone, unless `visit` is False. A picture sent again with the same `key` gets the same
        answer and is not counted again.
        """
        call = api_call.recognize(
            store,
            picture,
            mint=mint,
            candidates=candidates,
            camera=camera,
            track=track,
            captured_at=captured_at,
            visit=visit,
            key=key,
        )
        return self._send(call)

    def enroll(
        self,
        store: str,
        face_id: str,
        picture: Picture,
        *,
        member_id: str | None = None,
        source: str | None = None,
    ) -> EnrolAnswer:
        """Store the one face of the picture under a FaceId of the store.

        A picture with the same `source` and content as before is not encoded again. The answer's
        `warnings` say when the face is already enrolled as somebody else.
        """
        call = api_call.enroll(store, face_id, picture, member_id=member_id, source=source)
        return self._send(call)

    def faces(self, store: str) -> Iterator[FaceRecord]:
        """Yield every FaceId of the store, sorted."""
        after = None
        while True:
            page = self._send(api_call.faces(store, after=after, limit=PAGE))
            yield from page.faces
            after = page.next_after
            if after is None:
                return

    def face(self, store: str, face_id: str) -> FaceRecord:
        """Return one FaceId of the store."""
        return self._send(api_call.face(store, face_id))

    def forget(self, store: str, face_id: str) -> ErasedAnswer:
        """Erase a FaceId and all its vectors."""
        return self._send(api_call.forget(store, face_id))

    def sources(self, store: str, prefix: str = "") -> list[Source]:
        """Return the pictures imported so far whose source starts with `prefix`."""
        return self._send(api_call.sources(store, prefix)).sources

    def calibration(self, store: str, rate: float | None = None) -> Calibration:
        """Return what the store's own scores say about its threshold, or about another `rate`."""
        return self._send(api_call.calibration(store, rate))

    def search(self, picture: Picture, *, candidates: int = 5) -> SearchPictureAnswer:
        """Return who is in the picture, in any store."""
        return self._send(api_call.search(picture, candidates=candidates))

    def compare(self, one: Picture, other: Picture) -> CompareAnswer:
        """Return whether the largest faces of two pictures are one person."""
        return self._send(api_call.compare(one, other))

    def traffic(
        self,
        store: str | None = None,
        *,
        by: By = "day",
        start: str | None = None,
        end: str | None = None,
    ) -> TrafficAnswer:
        """Return how many came to a store, or to the whole chain, from `start` until before `end`.

        Both are dates such as 2026-05-04 or times, on the store's clock.
        """
        return self._send(api_call.traffic(store, by=by, start=start, end=end))

    def roaming(self, *, start: str | None = None, end: str | None = None) -> list[RoamingRow]:
        """Return where each store's roaming visitors come from."""
        return self._send(api_call.roaming(start=start, end=end)).rows

    def member(self, member_id: str) -> Member:
        """Return a member."""
        return self._send(api_call.member(member_id))

    def put_member(self, member_id: str, draft: MemberDraft) -> Member:
        """Write everything about a member; what is left out is empty."""
        return self._send(api_call.put_member(member_id, draft))

    def members(self, text: str | None = None, *, tag: str | None = None) -> Iterator[Member]:
        """Yield the members whose name holds `text` or whose id starts with it, sorted by id."""
        after = None
        while True:
            page = self._send(api_call.members(text, tag=tag, after=after, limit=PAGE))
            yield from page.members
            after = page.next_after
            if after is None:
                return

    def bind(self, member_id: str, store: str, face_id: str) -> Member:
        """Bind a FaceId of a store to a member, with the history of its visits."""
        return self._send(api_call.bind(member_id, store, face_id))

    def import_members(self, table: str) -> ImportReport:
        """Write the members of a table in CSV, see `contract.member_table`."""
        return self._send(api_call.import_members(table))

    def erase_member(self, member_id: str) -> ErasureReceipt:
        """Erase a member in every store; the receipt says who has confirmed."""
        return self._send(api_call.erase_member(member_id))

    def erasure(self, erasure_id: str) -> ErasureReceipt:
        """Return the newest receipt of an erasure."""
        return self._send(api_call.erasure(erasure_id))

    def merge(self, into: FaceRef, source: FaceRef) -> MergeState:
        """Make two FaceIds one person."""
        return self._send(api_call.merge(MergeDraft(into=into, source=source)))

    def undo_merge(self, merge_id: str) -> MergeState:
        """Undo a merge."""
        return self._send(api_call.undo_merge(merge_id))

    def stores(self) -> list[StoreSummary]:
        """Return the stores of the map."""
        return self._send(api_call.stores()).stores

    def cluster(self) -> ClusterStatus:
        """Return the stores, their replicas, and the state of the map."""
        return self._send(api_call.cluster())

    def make_demo_data(self, *, days: int = 15) -> int:
        """Have a demo's gateway make up visits of the last days; return how many."""
        return self._send(api_call.make_demo_data(days=days)).visits

    def remove_demo_data(self) -> int:
        """Remove everything that was made up; return how many visits that were."""
        return self._send(api_call.remove_demo_data()).visits

    def _send(self, call: ApiCall[_M]) -> _M:
        request = _arguments(call)
        try:
            return _answer(call, self._http.request(**request))
        except httpx.TransportError as error:
            raise GatewayUnreachable(self.url, _reason(error)) from error


class AsyncClient:
    """The same routes for asyncio. See `Client` for what the methods do and raise."""

    def __init__(self, url: str = DEFAULT_URL, *, timeout: float = 30.0) -> None:
        """Talk to the gateway at `url`; give up on an answer after `timeout` seconds."""
        self.url = url.rstrip("/")
        self._http = httpx.AsyncClient(**_options(self.url, timeout))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def recognize(
        self,
        store: str,
        picture: Picture | Sequence[Picture],
        *,
        mint: bool = True,
        candidates: int = 0,
        camera: str | None = None,
        track: str | None = None,
        captured_at: datetime | None = None,
        visit: bool = True,
        key: str | None = None,
    ) -> RecognizeAnswer:
        """As `Client.recognize`."""
        call = api_call.recognize(
            store,
            picture,
            mint=mint,
            candidates=candidates,
            camera=camera,
            track=track,
            captured_at=captured_at,
            visit=visit,
            key=key,
        )
        return await self._send(call)

    async def enroll(
        self,
        store: str,
        face_id: str,
        picture: Picture,
        *,
        member_id: str | None = None,
        source: str | None = None,
    ) -> EnrolAnswer:
        """As `Client.enroll`."""
        call = api_call.enroll(store, face_id, picture, member_id=member_id, source=source)
        return await self._send(call)

    async def faces(self, store: str) -> AsyncIterator[FaceRecord]:
        """As `Client.faces`."""
        after = None
        while True:
            page = await self._send(api_call.faces(store, after=after, limit=PAGE))
            for record in page.faces:
                yield record
            after = page.next_after
            if after is None:
                return

    async def face(self, store: str, face_id: str) -> FaceRecord:
        """As `Client.face`."""
        return await self._send(api_call.face(store, face_id))

    async def forget(self, store: str, face_id: str) -> ErasedAnswer:
        """As `Client.forget`."""
        return await self._send(api_call.forget(store, face_id))

    async def sources(self, store: str, prefix: str = "") -> list[Source]:
        """As `Client.sources`."""
        return (await self._send(api_call.sources(store, prefix))).sources

    async def calibration(self, store: str, rate: float | None = None) -> Calibration:
        """As `Client.calibration`."""
        return await self._send(api_call.calibration(store, rate))

    async def search(self, picture: Picture, *, candidates: int = 5) -> SearchPictureAnswer:
        """As `Client.search`."""
        return await self._send(api_call.search(picture, candidates=candidates))

    async def compare(self, one: Picture, other: Picture) -> CompareAnswer:
        """As `Client.compare`."""
        return await self._send(api_call.compare(one, other))

    async def traffic(
        self,
        store: str | None = None,
        *,
        by: By = "day",
        start: str | None = None,
        end: str | None = None,
    ) -> TrafficAnswer:
        """As `Client.traffic`."""
        return await self._send(api_call.traffic(store, by=by, start=start, end=end))

    async def roaming(
        self, *, start: str | None = None, end: str | None = None
    ) -> list[RoamingRow]:
        """As `Client.roaming`."""
        return (await self._send(api_call.roaming(start=start, end=end))).rows

    async def member(self, member_id: str) -> Member:
        """As `Client.member`."""
        return await self._send(api_call.member(member_id))

    async def put_member(self, member_id: str, draft: MemberDraft) -> Member:
        """As `Client.put_member`."""
        return await self._send(api_call.put_member(member_id, draft))

    async def members(
        self, text: str | None = None, *, tag: str | None = None
    ) -> AsyncIterator[Member]:
        """As `Client.members`."""
        after = None
        while True:
            page = await self._send(api_call.members(text, tag=tag, after=after, limit=PAGE))
            for member in page.members:
                yield member
            after = page.next_after
            if after is None:
                return

    async def bind(self, member_id: str, store: str, face_id: str) -> Member:
        """As `Client.bind`."""
        return await self._send(api_call.bind(member_id, store, face_id))

    async def import_members(self, table: str) -> ImportReport:
        """As `Client.import_members`."""
        return await self._send(api_call.import_members(table))

    async def erase_member(self, member_id: str) -> ErasureReceipt:
        """As `Client.erase_member`."""
        return await self._send(api_call.erase_member(member_id))

    async def erasure(self, erasure_id: str) -> ErasureReceipt:
        """As `Client.erasure`."""
        return await self._send(api_call.erasure(erasure_id))

    async def merge(self, into: FaceRef, source: FaceRef) -> MergeState:
        """As `Client.merge`."""
        return await self._send(api_call.merge(MergeDraft(into=into, source=source)))

    async def undo_merge(self, merge_id: str) -> MergeState:
        """As `Client.undo_merge`."""
        return await self._send(api_call.undo_merge(merge_id))

    async def stores(self) -> list[StoreSummary]:
        """As `Client.stores`."""
        return (await self._send(api_call.stores())).stores

    async def cluster(self) -> ClusterStatus:
        """As `Client.cluster`."""
        return await self._send(api_call.cluster())

    async def make_demo_data(self, *, days: int = 15) -> int:
        """As `Client.make_demo_data`."""
        return (await self._send(api_call.make_demo_data(days=days))).visits

    async def remove_demo_data(self) -> int:
        """As `Client.remove_demo_data`."""
        return (await self._send(api_call.remove_demo_data())).visits

    async def _send(self, call: ApiCall[_M]) -> _M:
        request = _arguments(call)
        try:
            return _answer(call, await self._http.request(**request))
        except httpx.TransportError as error:
            raise GatewayUnreachable(self.url, _reason(error)) from error


def _options(url: str, seconds: float) -> dict[str, Any]:
    """Return how both clients connect. Faces take no detour over a proxy from the environment."""
    try:
        base = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise GatewayUnreachable(url, str(error)) from error
    timeout = httpx.Timeout(seconds, connect=min(seconds, 5.0))
    return {"base_url": base, "timeout": timeout, "trust_env": False}


def _arguments(call: ApiCall[_M]) -> dict[str, Any]:
    """Return what httpx sends for `call`; reads the picture files."""
    arguments: dict[str, Any] = {"method": call.method, "url": call.path, "params": call.query}
    arguments["headers"] = {} if call.key is None else {"Idempotency-Key": call.key}
    if call.body is not None:
        arguments["content"] = api_call.content_of(call.body)
        arguments["headers"]["Content-Type"] = "application/octet-stream"
    if call.message is not None:
        arguments["content"] = call.message.model_dump_json(by_alias=True).encode()
        arguments["headers"] = {"Content-Type": "application/json"}
    if call.table is not None:
        arguments["content"] = call.table.encode()
        arguments["headers"] = {"Content-Type": "text/csv; charset=utf-8"}
    if call.images:
        arguments["files"] = [
            ("image", ("image", api_call.content_of(image))) for image in call.images
        ]
    return arguments


def _answer(call: ApiCall[_M], response: httpx.Response) -> _M:
    if not response.is_success:
        raise _api_error(response)
    try:
        return call.answer.model_validate_json(response.content)
    except ValidationError as error:
        raise ApiError(
            502, "NONSENSE", "The answer is not what a gateway sends", f"{call.method} {call.path}"
        ) from error


def _api_error(response: httpx.Response) -> ApiError:
    given = response.headers.get("Retry-After", "")
    retry_after = float(given) if given.isascii() and given.isdigit() else None
    try:
        problem = Problem.model_validate_json(response.content)
    except ValidationError:  # from something in between, such as a proxy
        return ApiError(
            response.status_code,
            f"HTTP_{response.status_code}",
            f"HTTP {response.status_code} {response.reason_phrase}",
            retry_after=retry_after,
        )
    return ApiError(
        problem.status,
        problem.code,
        problem.title,
        problem.detail,
        request_id=problem.request_id,
        retry_after=retry_after,
    )


def _reason(error: httpx.TransportError) -> str:
    return str(error) or type(error).__name__
