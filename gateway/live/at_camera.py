"""What is told of a store to who looks at one of its cameras alone: a till with its own camera."""

from collections.abc import Iterator

from contract.messages.live import CameraEvent, GoneEvent, VisitEvent
from contract.messages.message import Message
from gateway.record.feed.feed import FeedEvent


def told_at(event: FeedEvent, camera: str | None) -> Iterator[tuple[str, Message]]:
    """Yield what is told of an event, by its name; of one `camera`, or of all if that is None.

    Visits whose person was seen there last are told, and are gone when somebody is seen elsewhere.
    """
    message = event.message
    if camera is None or not isinstance(message, VisitEvent | CameraEvent):
        yield event.name, message
    elif isinstance(message, CameraEvent):
        if message.camera == camera:
            yield event.name, message
    elif message.card.last_camera == camera:
        yield event.name, message
    else:
        visit = message.card.visit if event.left == camera else message.replaces
        if visit is not None:
            yield "gone", GoneEvent(store=event.store, visit=visit, at=message.at)
