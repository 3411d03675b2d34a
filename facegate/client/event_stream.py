"""Server-sent events, as the live feed sends them."""

from collections.abc import Iterator
from dataclasses import dataclass

from contract.messages.live import CameraEvent, GoneEvent, MemberEvent, ResetEvent, VisitEvent
from facegate.client.api_error import InvalidAnswer

LiveData = VisitEvent | GoneEvent | MemberEvent | CameraEvent | ResetEvent

_KINDS: dict[str, type[LiveData]] = {
    "visit": VisitEvent,
    "gone": GoneEvent,
    "member": MemberEvent,
    "camera": CameraEvent,
    "reset": ResetEvent,
}
_LONGEST_EVENT = 1_000_000
"""Bytes. Those of a gateway have a few thousand."""


@dataclass(frozen=True)
class LiveEvent:
    """What happened in a store. A feed followed `after` this `position` goes on from here."""

    position: str
    data: LiveData


class EventReader:
    """Makes events of the bytes of one answer, as they come."""

    def __init__(self) -> None:
        self._rest = b""
        self._size = 0
        self._position = ""
        self._fields: dict[str, str] = {}

    def feed(self, some: bytes) -> Iterator[LiveEvent]:
        """Yield the events that end in these bytes; kinds that are not known are passed over.

        Raises ApiError for what is no event.
        """
        *lines, self._rest = (self._rest + some).split(b"\n")
        if self._size + len(self._rest) > _LONGEST_EVENT:
            raise InvalidAnswer("the live feed")
        try:
            yield from filter(None, map(self._line, lines))
        except ValueError as error:
            raise InvalidAnswer("the live feed") from error

    def _line(self, line: bytes) -> LiveEvent | None:
        text = line.rstrip(b"\r").decode()
        if text:
            self._field(text)
            self._size += len(line)
            return None
        self._size = 0
        return self._event()

    def _field(self, line: str) -> None:
        name, _, value = line.partition(":")
        self._fields[name] = value.removeprefix(" ")

    def _event(self) -> LiveEvent | None:
        fields, self._fields = self._fields, {}
        self._position = fields.get("id", self._position)
        kind = _KINDS.get(fields.get("event", ""))
        if kind is None:
            return None
        return LiveEvent(self._position, kind.model_validate_json(fields.get("data", "")))
