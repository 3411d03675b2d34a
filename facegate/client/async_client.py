"""The Python client of a gateway for asyncio."""

from collections.abc import AsyncIterator, Iterable
from datetime import datetime
from types import TracebackType
from typing import Self

from contract.messages.calibration import Calibration
from contract.messages.cluster import ClusterStatus, StoreSummary
from contract.messages.erasures import ErasureReceipt, FaceErasure
from contract.messages.faces import (
    EnrollAnswer,
    FaceRecord,
    PictureLikeness,
    Source,
    TemplateRemoval,
)
from contract.messages.live import Present
from contract.messages.member_table import ImportReport
from contract.messages.members import (
    FaceRef,
    Member,
    MemberDraft,
    MergeDraft,
    MergeState,
    NotAnswer,
    NotDraft,
    RenameDraft,
    RenameState,
)
from contract.messages.recognition import CompareAnswer, RecognizeAnswer, SearchPictureAnswer
from contract.messages.traffic import RoamingRow, TracedVisit, TrafficAnswer
from contract.messages.webhooks import WebhookStatus
from facegate.client import api_call
from facegate.client.client import DEFAULT_URL, PAGE, RETRY_SECONDS, By
from facegate.client.event_stream import EventReader, LiveEvent
from facegate.client.http_transport import AsyncTransport
from facegate.client.picture_source import Picture


class AsyncClient:
    """The same routes for asyncio. See `Client` for what the methods do and raise."""

    def __init__(
        self,
        url: str = DEFAULT_URL,
        *,
        timeout: float = 30.0,
        retry_seconds: float = RETRY_SECONDS,
    ) -> None:
        """Talk to the gateway at `url`; give up on an answer after `timeout` seconds.

        A refusal that says when to come back (`Retry-After`) is taken at its word: the request goes
        again, for at most `retry_seconds` in all. With 0 it never does.
        """
        self.url = url.rstrip("/")
        self._transport = AsyncTransport(self.url, timeout, retry_seconds)

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
        await self._transport.close()

    async def recognize(
        self,
        store: str,
        picture: Picture | Iterable[Picture],
        *,
        mint: bool = True,
        candidates: int = 0,
        camera: str | None = None,
        track: str | None = None,
        captured_at: datetime | None = None,
        visit: bool = True,
        frame: str | int | None = None,
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
            frame=frame,
            key=key,
        )
        return await self._transport.send(call)

    async def enroll(
        self,
        store: str,
        face_id: str,
        picture: Picture,
        *,
        member_id: str | None = None,
        source: str | None = None,
        force: bool = False,
    ) -> EnrollAnswer:
        """As `Client.enroll`."""
        call = api_call.enroll(
            store, face_id, picture, member_id=member_id, source=source, force=force
        )
        return await self._transport.send(call)

    async def likeness(
        self, store: str, picture: Picture, to: Iterable[str] = ()
    ) -> PictureLikeness:
        """As `Client.likeness`."""
        return await self._transport.send(api_call.likeness(store, picture, to))

    async def faces(self, store: str) -> AsyncIterator[FaceRecord]:
        """As `Client.faces`."""
        after = None
        while True:
            page = await self._transport.send(api_call.faces(store, after=after, limit=PAGE))
            for found in page.faces:
                yield found
            after = page.next_after
            if after is None:
                return

    async def face(self, store: str, face_id: str) -> FaceRecord:
        """As `Client.face`."""
        return await self._transport.send(api_call.face(store, face_id))

    async def forget(self, store: str, face_id: str) -> FaceErasure:
        """As `Client.forget`."""
        return await self._transport.send(api_call.forget(store, face_id))

    async def rename(self, store: str, face_id: str, name: str) -> RenameState:
        """As `Client.rename`."""
        call = api_call.rename(store, face_id, RenameDraft(face_id=name))
        return await self._transport.send(call)

    async def remove_picture(self, store: str, face_id: str, template_id: int) -> TemplateRemoval:
        """As `Client.remove_picture`."""
        return await self._transport.send(api_call.remove_picture(store, face_id, template_id))

    async def sources(self, store: str, prefix: str = "") -> list[Source]:
        """As `Client.sources`."""
        return (await self._transport.send(api_call.sources(store, prefix))).sources

    async def calibration(self, store: str, rate: float | None = None) -> Calibration:
        """As `Client.calibration`."""
        return await self._transport.send(api_call.calibration(store, rate))

    async def search(self, picture: Picture, *, candidates: int = 5) -> SearchPictureAnswer:
        """As `Client.search`."""
        return await self._transport.send(api_call.search(picture, candidates=candidates))

    async def compare(self, one: Picture, other: Picture) -> CompareAnswer:
        """As `Client.compare`."""
        return await self._transport.send(api_call.compare(one, other))

    async def traffic(
        self,
        store: str | None = None,
        *,
        by: By = "day",
        start: str | None = None,
        end: str | None = None,
        against: int | None = None,
    ) -> TrafficAnswer:
        """As `Client.traffic`."""
        return await self._transport.send(
            api_call.traffic(store, by=by, start=start, end=end, against=against)
        )

    async def roaming(
        self, *, start: str | None = None, end: str | None = None
    ) -> list[RoamingRow]:
        """As `Client.roaming`."""
        return (await self._transport.send(api_call.roaming(start=start, end=end))).rows

    async def member(self, member_id: str) -> Member:
        """As `Client.member`."""
        return await self._transport.send(api_call.member(member_id))

    async def put_member(
        self,
        member_id: str,
        draft: MemberDraft,
        *,
        new: bool = False,
        as_read: str | None = None,
    ) -> Member:
        """As `Client.put_member`."""
        call = api_call.put_member(member_id, draft, new=new, as_read=as_read)
        return await self._transport.send(call)

    async def members(
        self, text: str | None = None, *, tag: str | None = None
    ) -> AsyncIterator[Member]:
        """As `Client.members`."""
        after = None
        while True:
            page = await self._transport.send(
                api_call.members(text, tag=tag, after=after, limit=PAGE)
            )
            for found in page.members:
                yield found
            after = page.next_after
            if after is None:
                return

    async def bind(self, member_id: str, store: str, face_id: str) -> Member:
        """As `Client.bind`."""
        return await self._transport.send(api_call.bind(member_id, store, face_id))

    async def unbind(self, member_id: str, store: str, face_id: str) -> Member:
        """As `Client.unbind`."""
        return await self._transport.send(api_call.unbind(member_id, store, face_id))

    async def drop_member(self, member_id: str) -> None:
        """As `Client.drop_member`."""
        await self._transport.send(api_call.drop_member(member_id))

    async def trace(self, member_id: str) -> AsyncIterator[TracedVisit]:
        """As `Client.trace`."""
        before = None
        while True:
            page = await self._transport.send(api_call.trace(member_id, before=before, limit=PAGE))
            for found in page.visits:
                yield found
            before = page.next_before
            if before is None:
                return

    async def export_members(self) -> str:
        """As `Client.export_members`."""
        return await self._transport.send(api_call.export_members())

    async def import_members(self, table: str) -> ImportReport:
        """As `Client.import_members`."""
        return await self._transport.send(api_call.import_members(table))

    async def erase_member(self, member_id: str) -> ErasureReceipt:
        """As `Client.erase_member`."""
        return await self._transport.send(api_call.erase_member(member_id))

    async def erasure(self, erasure_id: str) -> ErasureReceipt:
        """As `Client.erasure`."""
        return await self._transport.send(api_call.erasure(erasure_id))

    async def merge(self, into: FaceRef, source: FaceRef) -> MergeState:
        """As `Client.merge`."""
        return await self._transport.send(api_call.merge(MergeDraft(into=into, source=source)))

    async def merge_state(self, merge_id: str) -> MergeState:
        """As `Client.merge_state`."""
        return await self._transport.send(api_call.merge_state(merge_id))

    async def undo_merge(self, merge_id: str) -> MergeState:
        """As `Client.undo_merge`."""
        return await self._transport.send(api_call.undo_merge(merge_id))

    async def not_the_same(self, face: FaceRef, other: FaceRef) -> NotAnswer:
        """As `Client.not_the_same`."""
        draft = NotDraft(store=other.store, face_id=other.face_id)
        return await self._transport.send(api_call.say_not(face, draft))

    async def not_who_came(self, face: FaceRef, visit: str) -> NotAnswer:
        """As `Client.not_who_came`."""
        return await self._transport.send(api_call.say_not(face, NotDraft(visit=visit)))

    async def present(self, store: str) -> Present:
        """As `Client.present`."""
        return await self._transport.send(api_call.present(store))

    async def live(self, store: str, *, after: str | None = None) -> AsyncIterator[LiveEvent]:
        """As `Client.live`."""
        reader = EventReader()
        async for some in self._transport.stream(api_call.live(store, after=after)):
            for event in reader.feed(some):
                yield event

    async def webhooks(self) -> list[WebhookStatus]:
        """As `Client.webhooks`."""
        return (await self._transport.send(api_call.webhooks())).webhooks

    async def webhook(self, name: str) -> WebhookStatus:
        """As `Client.webhook`."""
        return await self._transport.send(api_call.webhook(name))

    async def put_webhook(
        self, name: str, url: str, *, store: str | None = None, secret: str | None = None
    ) -> WebhookStatus:
        """As `Client.put_webhook`."""
        return await self._transport.send(
            api_call.put_webhook(name, url, store=store, secret=secret)
        )

    async def delete_webhook(self, name: str) -> WebhookStatus:
        """As `Client.delete_webhook`."""
        return await self._transport.send(api_call.delete_webhook(name))

    async def healthz(self) -> None:
        """As `Client.healthz`."""
        await self._transport.send(api_call.healthz())

    async def readyz(self) -> None:
        """As `Client.readyz`."""
        await self._transport.send(api_call.readyz())

    async def metrics(self) -> str:
        """As `Client.metrics`."""
        return await self._transport.send(api_call.metrics())

    async def stores(self) -> list[StoreSummary]:
        """As `Client.stores`."""
        return (await self._transport.send(api_call.stores())).stores

    async def cluster(self) -> ClusterStatus:
        """As `Client.cluster`."""
        return await self._transport.send(api_call.cluster())

    async def make_demo_data(self, *, days: int = 15) -> int:
        """As `Client.make_demo_data`."""
        return (await self._transport.send(api_call.make_demo_data(days=days))).visits

    async def remove_demo_data(self) -> int:
        """As `Client.remove_demo_data`."""
        return (await self._transport.send(api_call.remove_demo_data())).visits
