"""Events in JSON, in lines of `key=value`, and in the fields of a form."""

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl

from gateway.push.event_document import (
    MOST_DEPTH,
    MOST_LEAVES,
    EventDocument,
    Leaf,
    UnreadableEvent,
)

MOST_FIELDS = 1000
LONGEST_LINES = 500_000
"""Characters in lines of `key=value`: those of cameras have a few thousand."""
_LINE = re.compile(r"[A-Za-z_][\w.\[\]-]*=")
"""How a line of Dahua's begins: `Events[0].Faces[0].ObjectID=7`, `Code=FaceDetection;action=…`."""
_SHORT = re.compile(r"Code=(?P<Code>\w+);action=(?P<action>\w+);index=(?P<index>\d+)")


def read_json(raw: bytes) -> EventDocument:
    """Return what an event in JSON says; bytes that are no UTF-8 are replaced.

    Raises UnreadableEvent.
    """
    if sum(map(raw.count, (b",", b"[", b"{"))) > MOST_LEAVES:  # told in no time, whatever it is
        raise UnreadableEvent(f"JSON with more than {MOST_LEAVES} values")
    try:
        value = json.loads(raw.decode("utf-8-sig", "replace"))
    except (ValueError, RecursionError) as error:
        raise UnreadableEvent(f"no JSON: {error}") from error
    return EventDocument(tuple(_leaves(value)))


def read_lines(text: str) -> EventDocument:
    """Return what lines of `key=value` say, and a line of the short form with its data in JSON.

    Raises UnreadableEvent.
    """
    if len(text) > LONGEST_LINES:
        raise UnreadableEvent(f"lines with more than {LONGEST_LINES} characters")
    leaves: list[Leaf] = []
    for line in text.splitlines():
        key, found, value = line.strip().partition("=")
        if found and _LINE.match(line.strip()):
            leaves.append(Leaf(tuple(filter(None, re.split(r"[.\[\]]", key))), value))
    short = _SHORT.match(text.strip())
    if short is None:
        return EventDocument(tuple(leaves))
    named = tuple(Leaf(("Events", name), value) for name, value in short.groupdict().items())
    _, found, data = text.partition(";data=")
    return EventDocument.joined(
        [EventDocument(named), read_json(data.encode()) if found else EventDocument()]
    )


def is_lines(text: str) -> bool:
    """Say whether a text has the form of such lines."""
    return _LINE.match(text.lstrip()) is not None


def read_fields(text: str) -> EventDocument:
    """Return the fields of a form that is URL-encoded. Raises UnreadableEvent."""
    try:
        fields = parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError as error:
        raise UnreadableEvent(f"no form: {error}") from error
    return EventDocument(tuple(Leaf((name,), value) for name, value in fields))


def _leaves(value: Any) -> Iterator[Leaf]:
    """Yield the texts of a JSON value in their order. Raises UnreadableEvent."""
    waiting: list[tuple[tuple[str, ...], Any]] = [((), value)]
    while waiting:
        path, item = waiting.pop()
        if len(path) > MOST_DEPTH:
            raise UnreadableEvent(f"JSON nested deeper than {MOST_DEPTH} levels")
        if isinstance(item, dict):
            waiting += reversed([((*path, name), inner) for name, inner in item.items()])
        elif isinstance(item, list):
            waiting += reversed([((*path, str(n)), inner) for n, inner in enumerate(item)])
        elif isinstance(item, bool):
            yield Leaf(path, "true" if item else "false")
        elif item is not None:
            yield Leaf(path, str(item))
