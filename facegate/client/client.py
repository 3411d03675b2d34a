"""The Python client of a gateway, typed. `AsyncClient` is the same for asyncio."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from types import TracebackType
from typing import Literal, Self

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
from facegate.client.event_stream import EventReader, LiveEvent
from facegate.client.http_transport import Transport
from facegate.client.picture_source import Picture

DEFAULT_URL = "http://127.0.0.1:8000"
PAGE = 1000
"""What one request of a listing brings."""
RETRY_SECONDS = 30.0

By = Literal["hour", "day", "week"]


class Client:
    """A gateway's routes as methods.

    A picture is bytes, a path (`str` or `Path`), or a file that is open in binary. Every method
    raises ApiError when the gateway refuses and GatewayUnreachable when it does not answer; one
    that takes a picture raises OSError when it cannot be read.

        with Client("http://127.0.0.1:8000") as client:
            answer = client.recognize("store-a", "door.jpg")
    """

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
        self._transport = Transport(self.url, timeout, retry_seconds)

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
        self._transport.close()

    def recognize(
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
        """Return who is in the picture, as the store's camera would ask.

        `mint` gives a stranger a new FaceId; `candidates` adds the best k with their scores.
        Several pictures, and all those of one `track`, are frames of one person, who comes first.

        Those with a FaceId are counted as visits at the moment `captured_at`, which has a time
        zone, unless `visit` is False. A picture sent again with the same `key`, or with the same
        number `frame` from the same `camera`, gets the same answer and is not counted again.
        Without either, one call counts once, however often it has to go.
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
            frame=frame,
            key=key,
        )
        return self._transport.send(call)

    def enroll(
        self,
        store: str,
        face_id: str,
        picture: Picture,
        *,
        member_id: str | None = None,
        source: str | None = None,
        force: bool = False,
    ) -> EnrollAnswer:
        """Store the one face of the picture under a FaceId of the store.

        A picture with the same `source` and content as before is not encoded again. One that is not
        like the FaceId's own pictures, or like somebody else's, is refused (`UNLIKE_OWN_FACE`,
        `ALREADY_ENROLLED`; the error's `warnings` say who and how alike); `force` stores it, and
        the answer has the warnings.
        """
        call = api_call.enroll(
            store, face_id, picture, member_id=member_id, source=source, force=force
        )
        return self._transport.send(call)

    def likeness(self, store: str, picture: Picture, to: Iterable[str] = ()) -> PictureLikeness:
        """Compare a picture with others that were compared in the last two minutes.

        `to` are the `digest`s of their answers. Nothing is stored.
        """
        return self._transport.send(api_call.likeness(store, picture, to))

    def faces(self, store: str) -> Iterator[FaceRecord]:
        """Yield every FaceId of the store, sorted."""
        after = None
        while True:
            page = self._transport.send(api_call.faces(store, after=after, limit=PAGE))
            yield from page.faces
            after = page.next_after
            if after is None:
                return

    def face(self, store: str, face_id: str) -> FaceRecord:
        """Return one FaceId of the store."""
        return self._transport.send(api_call.face(store, face_id))

    def forget(self, store: str, face_id: str) -> FaceErasure:
        """Erase a FaceId and all its vectors; the receipt says whether the store has confirmed."""
        return self._transport.send(api_call.forget(store, face_id))

    def rename(self, store: str, face_id: str, name: str) -> RenameState:
        """Give a FaceId another name, in its store and in all that is known of it."""
        return self._transport.send(api_call.rename(store, face_id, RenameDraft(face_id=name)))

    def remove_picture(self, store: str, face_id: str, template_id: int) -> TemplateRemoval:
        """Remove one picture of a FaceId, see `face(…).templates`.

        The only one is not removed (`LAST_TEMPLATE`): `forget` the FaceId instead.
        """
        return self._transport.send(api_call.remove_picture(store, face_id, template_id))

    def sources(self, store: str, prefix: str = "") -> list[Source]:
        """Return the pictures imported so far whose source starts with `prefix`."""
        return self._transport.send(api_call.sources(store, prefix)).sources

    def calibration(self, store: str, rate: float | None = None) -> Calibration:
        """Return what the store's own scores say about its threshold, or about another `rate`."""
        return self._transport.send(api_call.calibration(store, rate))

    def search(self, picture: Picture, *, candidates: int = 5) -> SearchPictureAnswer:
        """Return who is in the picture, in any store."""
        return self._transport.send(api_call.search(picture, candidates=candidates))

    def compare(self, one: Picture, other: Picture) -> CompareAnswer:
        """Return whether the largest faces of two pictures are one person."""
        return self._transport.send(api_call.compare(one, other))

    def traffic(
        self,
        store: str | None = None,
        *,
        by: By = "day",
        start: str | None = None,
        end: str | None = None,
        against: int | None = None,
    ) -> TrafficAnswer:
        """Return how many came to a store, or to the whole chain, from `start` until before `end`.

        Both are dates such as 2026-05-04 or times, on the store's clock. In `earlier` is the same
        so many days before, up to the same time where the range is not over (`so_far`).
        """
        return self._transport.send(
            api_call.traffic(store, by=by, start=start, end=end, against=against)
        )

    def roaming(self, *, start: str | None = None, end: str | None = None) -> list[RoamingRow]:
        """Return where each store's roaming visitors come from."""
        return self._transport.send(api_call.roaming(start=start, end=end)).rows

    def member(self, member_id: str) -> Member:
        """Return a member."""
        return self._transport.send(api_call.member(member_id))

    def put_member(
        self,
        member_id: str,
        draft: MemberDraft,
        *,
        new: bool = False,
        as_read: str | None = None,
    ) -> Member:
        """Write everything about a member; what is left out is empty.

        With `new` a member whom there is already is refused: `MEMBER_EXISTS`. With `as_read`, the
        `updated_at` of the member as you read them, one whom somebody wrote since is.
        """
        call = api_call.put_member(member_id, draft, new=new, as_read=as_read)
        return self._transport.send(call)

    def members(self, text: str | None = None, *, tag: str | None = None) -> Iterator[Member]:
        """Yield the members whose name holds `text` or whose id starts with it, sorted by id."""
        after = None
        while True:
            page = self._transport.send(api_call.members(text, tag=tag, after=after, limit=PAGE))
            yield from page.members
            after = page.next_after
            if after is None:
                return

    def bind(self, member_id: str, store: str, face_id: str) -> Member:
        """Bind a FaceId of a store to a member, with the history of its visits."""
        return self._transport.send(api_call.bind(member_id, store, face_id))

    def unbind(self, member_id: str, store: str, face_id: str) -> Member:
        """Let a FaceId go: it and the visits it was seen in are somebody else's."""
        return self._transport.send(api_call.unbind(member_id, store, face_id))

    def drop_member(self, member_id: str) -> None:
        """Forget a member's profile and unbind the FaceIds, which stay."""
        self._transport.send(api_call.drop_member(member_id))

    def trace(self, member_id: str) -> Iterator[TracedVisit]:
        """Yield the visits of a member who agreed that stores share what they know, last first."""
        before = None
        while True:
            page = self._transport.send(api_call.trace(member_id, before=before, limit=PAGE))
            yield from page.visits
            before = page.next_before
            if before is None:
                return

    def export_members(self) -> str:
        """Return all members as a table in CSV, see `contract.messages.member_table`."""
        return self._transport.send(api_call.export_members())

    def import_members(self, table: str) -> ImportReport:
        """Write the members of a table in CSV, see `contract.messages.member_table`."""
        return self._transport.send(api_call.import_members(table))

    def erase_member(self, member_id: str) -> ErasureReceipt:
        """Erase a member in every store; the receipt says who has confirmed."""
        return self._transport.send(api_call.erase_member(member_id))

    def erasure(self, erasure_id: str) -> ErasureReceipt:
        """Return the newest receipt of an erasure."""
        return self._transport.send(api_call.erasure(erasure_id))

    def merge(self, into: FaceRef, source: FaceRef) -> MergeState:
        """Make two FaceIds one person."""
        return self._transport.send(api_call.merge(MergeDraft(into=into, source=source)))

    def merge_state(self, merge_id: str) -> MergeState:
        """Return a merge."""
        return self._transport.send(api_call.merge_state(merge_id))

    def undo_merge(self, merge_id: str) -> MergeState:
        """Undo a merge."""
        return self._transport.send(api_call.undo_merge(merge_id))

    def not_the_same(self, face: FaceRef, other: FaceRef) -> NotAnswer:
        """Say that two FaceIds are not one person; they are never merged again."""
        draft = NotDraft(store=other.store, face_id=other.face_id)
        return self._transport.send(api_call.say_not(face, draft))

    def not_who_came(self, face: FaceRef, visit: str) -> NotAnswer:
        """Say that a FaceId is not the person who came in a visit."""
        return self._transport.send(api_call.say_not(face, NotDraft(visit=visit)))

    def present(self, store: str) -> Present:
        """Return who is in the store now, and the position to follow its live feed from."""
        return self._transport.send(api_call.present(store))

    def live(self, store: str, *, after: str | None = None) -> Iterator[LiveEvent]:
        """Yield what happens in the store as it happens: from now on, or `after` a position.

        Ends when the gateway stops; follow again `after` the position of the last event, and
        nothing is missed. Raises GatewayUnreachable when the connection breaks.
        """
        reader = EventReader()
        for some in self._transport.stream(api_call.live(store, after=after)):
            yield from reader.feed(some)

    def webhooks(self) -> list[WebhookStatus]:
        """Return every webhook and how it is doing."""
        return self._transport.send(api_call.webhooks()).webhooks

    def webhook(self, name: str) -> WebhookStatus:
        """Return one webhook and how it is doing."""
        return self._transport.send(api_call.webhook(name))

    def put_webhook(
        self, name: str, url: str, *, store: str | None = None, secret: str | None = None
    ) -> WebhookStatus:
        """Send the events of one store, or of all, to an address from now on.

        Without `secret` one is made for a new webhook, which the answer shows this once.
        """
        return self._transport.send(api_call.put_webhook(name, url, store=store, secret=secret))

    def delete_webhook(self, name: str) -> WebhookStatus:
        """Send nothing more; returns what the webhook was, and what it has not been told."""
        return self._transport.send(api_call.delete_webhook(name))

    def healthz(self) -> None:
        """Raise unless the gateway lives."""
        self._transport.send(api_call.healthz())

    def readyz(self) -> None:
        """Raise unless the gateway takes requests."""
        self._transport.send(api_call.readyz())

    def metrics(self) -> str:
        """Return the gateway's metrics in Prometheus's text format."""
        return self._transport.send(api_call.metrics())

    def stores(self) -> list[StoreSummary]:
        """Return the stores of the map."""
        return self._transport.send(api_call.stores()).stores

    def cluster(self) -> ClusterStatus:
        """Return the stores, their replicas, and the state of the map."""
        return self._transport.send(api_call.cluster())

    def make_demo_data(self, *, days: int = 15) -> int:
        """Have a demo's gateway make up visits of the last days; return how many."""
        return self._transport.send(api_call.make_demo_data(days=days)).visits

    def remove_demo_data(self) -> int:
        """Remove everything that was made up; return how many visits that were."""
        return self._transport.send(api_call.remove_demo_data()).visits
