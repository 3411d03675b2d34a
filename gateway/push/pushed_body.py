"""What is in the body of a push: pictures and what is said of them, in whatever it is wrapped."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from contract.errors import BadRequest
from gateway.push.event_document import MOST_LEAVES, EventDocument, Leaf, UnreadableEvent
from gateway.push.event_text import is_lines, read_fields, read_json, read_lines
from gateway.push.event_xml import read_xml
from gateway.push.form_parts import form_parts
from gateway.push.pushed_picture import NamedPicture, is_picture, picture_in_text
from service.http.multipart_form import Part

MOST_TEXTS = 50
"""Parts that are read though they are no pictures: so what a body costs is bounded."""
LONGEST_TEXT = 10_000
"""Characters of a text that is neither JSON nor XML nor a picture."""


@dataclass
class PushedBody:
    """The pictures of a body, what it says of its event, and why parts of it cannot be read."""

    pictures: list[NamedPicture] = field(default_factory=list)
    document: EventDocument = field(default_factory=EventDocument)
    unreadable: list[str] = field(default_factory=list)
    _texts: int = 0

    @classmethod
    def of(cls, content_type: str, body: bytes) -> "PushedBody":
        """Read a body by what it holds; its types are believed where nothing else tells."""
        read = cls()
        parts = None if is_picture(body) else form_parts(content_type, body)
        if parts is None:
            read._add((), content_type, body)
            return read
        for part in parts:
            try:
                read._add(_names(part), part.media_type, part.content)
            except BadRequest as error:
                read.unreadable.append(error.detail)
        if not parts and body.strip():
            read.unreadable.append("a form without parts")
        return read

    def _add(self, names: tuple[str, ...], media_type: str, content: bytes) -> None:
        content = content.lstrip(b"\r\n")
        if is_picture(content):
            self.pictures.append(NamedPicture(names, content))
            return
        if self._texts == MOST_TEXTS or len(self.document.leaves) > MOST_LEAVES:
            self.unreadable.append("more texts than those of an event")
            return
        self._texts += 1
        try:
            document = _document(names, media_type, content)
        except UnreadableEvent as error:
            self.unreadable.append(str(error))
            return
        self._take(document, names)

    def _take(self, document: EventDocument, names: tuple[str, ...]) -> None:
        """Keep what a document says, and the pictures that are in its texts."""
        said: list[Leaf] = []
        for leaf in document.leaves:
            picture = picture_in_text(leaf.text)
            if picture is None:
                said.append(leaf)
            else:
                inner = tuple(name for name in reversed(leaf.path) if not name.isdigit())
                self.pictures.append(NamedPicture(inner + names, picture))
        self.document = EventDocument.joined([self.document, EventDocument(tuple(said))])


def _names(part: Part) -> tuple[str, ...]:
    """Return what a part is called, in its name, its file's name and its id."""
    names = (part.name, part.filename or "", part.head.get("content-id", "").strip("<>"))
    return tuple(name for name in names if name)


def _document(names: tuple[str, ...], media_type: str, content: bytes) -> EventDocument:
    """Return what a text says, by its own form. Raises UnreadableEvent."""
    bare = content.strip(b"\xef\xbb\xbf \t\r\n\0")
    if bare.startswith(b"<"):
        return read_xml(bare)
    if bare.startswith((b"{", b"[")):
        return read_json(bare)
    try:
        text = bare.decode("utf-8")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise UnreadableEvent("neither a picture nor text")
    if media_type.partition(";")[0].strip().lower() == "application/x-www-form-urlencoded":
        return read_fields(text)
    if is_lines(text) and picture_in_text(text) is None:
        return read_lines(text)
    name = names[0] if names else "text"
    return EventDocument(tuple(_plain(name, text)))


def _plain(name: str, text: str) -> Iterator[Leaf]:
    """Yield a text as the field of its name, if it is short or a picture."""
    if text and (len(text) <= LONGEST_TEXT or picture_in_text(text) is not None):
        yield Leaf((name,), text)
