"""Who is present in a store, and its live feed as server-sent events."""

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Annotated, Any

from fastapi import Header, Query
from starlette.responses import StreamingResponse
from starlette.types import Send

from contract.errors import BadRequest
from contract.messages.live import Present
from contract.text.identifiers import Camera
from gateway.audit.request_notes import note_details
from gateway.http.parameters import PathStore, RequestDeadline
from gateway.live import examples
from gateway.live.live_feed import FeedMessage, LiveFeed
from gateway.record.database import Database
from gateway.record.feed.feed import present
from gateway.record.feed.position import Position
from service.http.examples import example_of
from service.http.routes import Routes

log = logging.getLogger(__name__)

SEND_SECONDS = 30.0
"""A reader that takes nothing for so long is disconnected; it resumes with `Last-Event-ID`."""
RETRY_MS = 1000

_STREAM: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/event-stream": {"example": examples.LIVE}}}
}


class EventStream(StreamingResponse):
    """Server-sent events, with a limit to how long a reader may take nothing."""

    def __init__(self, lines: AsyncIterator[str]) -> None:
        super().__init__(
            lines,
            media_type="text/event-stream",
            headers={"X-Accel-Buffering": "no"},
        )

    async def stream_response(self, send: Send) -> None:
        """Send, but wait for no reader for ever."""

        async def send_in_time(message: Any) -> None:
            async with asyncio.timeout(SEND_SECONDS):
                await send(message)

        try:
            await super().stream_response(send_in_time)
        except TimeoutError:
            log.warning("a reader of the live feed took nothing for %g s: let go", SEND_SECONDS)


_AT_CAMERA = "only those whom this camera was the last to see"


def live_routes(feed: LiveFeed, database: Database) -> Routes:
    """Return the routes of the live feed."""
    routes = Routes(prefix="/v1/stores/{store}", tags=["live"])

    @routes.get("/present", responses=example_of(examples.PRESENT))
    async def list_present(
        home: PathStore,
        deadline: RequestDeadline,
        camera: Annotated[Camera | None, Query(description=_AT_CAMERA)] = None,
        seconds: Annotated[
            float | None,
            Query(gt=0, le=604_800, description="seen so shortly ago; default: the `visit_gap`"),
        ] = None,
    ) -> Present:
        """Say who is in the store now, or at one camera, and from where on to follow its feed."""
        here = await database.read(
            deadline,
            present,
            home.id,
            home.visit_gap.total_seconds(),
            round(time.time() * 1000),
            camera=camera,
            seconds=seconds,
        )
        note_details(shown=len(here.visits))
        return here

    @routes.get("/live", response_class=StreamingResponse, responses=_STREAM)
    async def follow_live(
        home: PathStore,
        after: Annotated[
            str | None, Query(description="a position to start from, as `present` gives it")
        ] = None,
        camera: Annotated[Camera | None, Query(description=_AT_CAMERA)] = None,
        last_event_id: Annotated[str | None, Header(description="where a reader stopped")] = None,
    ) -> EventStream:
        """Tell every visit within a second of its frame, until the reader leaves."""
        position = _position(last_event_id or after)
        follower = feed.follow(home.id, position, camera)
        first = await anext(follower)  # what is refused is refused with a status
        return EventStream(_lines(first, follower))

    return routes


def _position(text: str | None) -> Position | None:
    if not text:
        return None
    position = Position.parse(text)
    if position is None:
        raise BadRequest(f"{text[:50]!r} is not a position of a feed")
    return position


async def _lines(
    first: FeedMessage, follower: AsyncGenerator[FeedMessage, None]
) -> AsyncIterator[str]:
    try:
        yield f"retry: {RETRY_MS}\nid: {first.position}\n\n"
        async for message in follower:
            yield _line(message)
    finally:
        await follower.aclose()


def _line(message: FeedMessage) -> str:
    if message.message is None:
        return f": here at {message.position}\n\n"
    data = message.message.model_dump_json()
    return f"id: {message.position}\nevent: {message.name}\ndata: {data}\n\n"
