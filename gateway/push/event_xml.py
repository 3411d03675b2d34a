"""Events in XML, read with neither entities nor documents from elsewhere."""

from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import XMLParser

from gateway.push.event_document import (
    MOST_DEPTH,
    MOST_LEAVES,
    EventDocument,
    Leaf,
    UnreadableEvent,
)


def read_xml(raw: bytes) -> EventDocument:
    """Return what an event in XML says: texts of elements and of attributes.

    Names are without their namespaces. ONVIF's `SimpleItem` is what it is called. Raises
    UnreadableEvent.
    """
    if raw.count(b"<") + raw.count(b"=") > 2 * MOST_LEAVES:  # told in no time, whatever it is
        raise UnreadableEvent(f"XML with more than {MOST_LEAVES} texts")
    target = _Leaves()
    parser = XMLParser(target=target, forbid_dtd=True)
    try:
        parser.feed(raw)
        parser.close()
    except DefusedXmlException as error:
        raise UnreadableEvent("XML with a document type, entities or references") from error
    except (ParseError, LookupError, ValueError) as error:
        raise UnreadableEvent(f"no XML: {error}") from error
    return EventDocument(tuple(target.leaves))


class _Leaves:
    """Takes what the parser finds, and keeps the texts."""

    def __init__(self) -> None:
        self.leaves: list[Leaf] = []
        self._path: list[str] = []
        self._text: list[str] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if len(self._path) >= MOST_DEPTH:
            raise UnreadableEvent(f"XML nested deeper than {MOST_DEPTH} levels")
        self._path.append(_local(tag))
        self._text.clear()
        named = {_local(name): value for name, value in attributes.items()}
        if "Name" in named and "Value" in named:
            self._add(named["Name"], named["Value"])
            return
        for name, value in named.items():
            self._add(name, value)

    def end(self, tag: str) -> None:
        text = "".join(self._text).strip()
        if text:
            self.leaves.append(Leaf(tuple(self._path), text))
        self._text.clear()
        self._path.pop()

    def data(self, text: str) -> None:
        self._text.append(text)

    def close(self) -> None:
        """Do nothing: the texts are there."""

    def _add(self, name: str, value: str) -> None:
        self.leaves.append(Leaf((*self._path, name), value))


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]
