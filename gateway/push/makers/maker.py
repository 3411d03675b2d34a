"""How a maker's cameras tell of an event: what they call what matters here."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from gateway.push.event_document import EventDocument
from gateway.push.pushed_picture import NamedPicture


class Reply(NamedTuple):
    """What a camera is answered with 200, and its media type."""

    body: str
    media_type: str = "text/plain"

    @classmethod
    def of_json(cls, answer: object) -> "Reply":
        """Return a reply in JSON."""
        return cls(json.dumps(answer), "application/json")


@dataclass(frozen=True)
class Maker:
    """A maker by the names that its events have, as `EventDocument` has them.

    Any of `marks` tells that an event is this maker's. Of `times`, `channels`, `tracks` and `ids`
    the first that is there counts. `wall_times` are those of `times` whose seconds since 1970 are
    counted by the camera's own clock, in some firmware.
    """

    name: str
    marks: frozenset[str]
    times: tuple[str, ...]
    wall_times: frozenset[str] = frozenset()
    channels: tuple[str, ...] = ()
    tracks: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    reply: Callable[[str, EventDocument], Reply] | None = None
    """Makes the answer of the request's path and the event, where a plain OK is not enough."""
    pieces: Callable[[EventDocument, NamedPicture], list[NamedPicture]] | None = None
    """Cuts a part that holds several pictures one after the other."""

    def made(self, document: EventDocument) -> bool:
        """Say whether an event is one of this maker's."""
        return not {mark.lower() for mark in self.marks}.isdisjoint(document.names())
