"""Multipart bodies as clients of every kind send them, read into memory.

A part of RFC 7578 may have a filename or none, whatever it holds; forms of browsers, the standard
libraries of Node, .NET and Go, and mail-like bodies of cameras differ in that and in little else.
"""

import base64
import binascii
import re
from dataclasses import dataclass, field
from typing import Self

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from contract.errors import BadRequest

MOST_PARTS = 1000
IMAGE = frozenset({"image"})
"""What a part with a picture is called."""
_SHOWN = 10
_INDEX = re.compile(r"\[[0-9]{0,4}\]$")
"""`image[]`, `image[0]`: how libraries of JavaScript and PHP name the items of a list."""


@dataclass
class Part:
    """One part of a form: its header fields, by their names in lower case, and what it holds."""

    head: dict[str, str] = field(default_factory=dict)
    body: bytearray = field(default_factory=bytearray)

    @property
    def name(self) -> str:
        """What the part is called, without the index of a list; empty when it has no name."""
        return _INDEX.sub("", self._option(b"name") or "")

    @property
    def filename(self) -> str | None:
        """The name of the file that the part holds, where it says one."""
        return self._option(b"filename")

    @property
    def media_type(self) -> str:
        """What the part says that it holds; empty when it does not say."""
        return parse_options_header(self.head.get("content-type"))[0].decode("latin-1")

    @property
    def content(self) -> bytes:
        """What the part holds. Raises BadRequest."""
        if self.head.get("content-transfer-encoding", "").strip().lower() != "base64":
            return bytes(self.body)
        try:
            return base64.b64decode(bytes(self.body).translate(None, b" \t\r\n"), validate=True)
        except binascii.Error as error:
            raise BadRequest(f"the part {self.name!r} is not in base64: {error}") from error

    @property
    def text(self) -> str:
        """What the part holds, as text. Raises BadRequest."""
        try:
            return self.content.decode("utf-8")
        except UnicodeDecodeError as error:
            raise BadRequest(f"the part {self.name[:50]!r} is no text in UTF-8") from error

    def is_picture(self, names: frozenset[str]) -> bool:
        """Say whether it is called one of `names`, or is a picture that has no name at all."""
        return self.name in names or (not self.name and self.media_type.startswith("image/"))

    def __str__(self) -> str:
        """Say what was found, for whoever sent it."""
        called = f"`{self.name[:50]}`" if self.name else "a part without a name"
        return called if self.filename is None else f"{called} (file {self.filename[:50]!r})"

    def _option(self, option: bytes) -> str | None:
        value = parse_options_header(self.head.get("content-disposition"))[1].get(option)
        return None if value is None else value.decode("utf-8", "replace")


def is_multipart(content_type: str) -> bool:
    """Say whether a body has parts."""
    return content_type.lower().startswith("multipart/")


class Parts(list[Part]):
    """The parts of a body, in their order."""

    @classmethod
    def of(cls, content_type: str, body: bytes) -> Self:
        """Read a body whose type is multipart. Raises BadRequest."""
        boundary = parse_options_header(content_type)[1].get(b"boundary")
        if not boundary:
            raise BadRequest("the content type names no boundary of the form's parts")
        parts = cls()
        reader = _Reader(parts)
        start = max(0, body.find(b"--" + boundary))  # what comes before is for no one
        try:
            parser = MultipartParser(boundary, reader.callbacks)  # type: ignore[arg-type] # its TypedDict
            parser.write(body[start:])
            parser.finalize()
        except FormParserError as error:
            raise BadRequest(f"the form cannot be read: {error}") from error
        if not reader.complete:
            raise BadRequest("the form ends before its last boundary")
        return parts

    def pictures(self, names: frozenset[str] = IMAGE) -> list[bytes]:
        """What the parts hold that are called one of `names`. Raises BadRequest."""
        return [part.content for part in self if part.is_picture(names)]

    def fields(self, names: frozenset[str] = IMAGE) -> dict[str, str]:
        """The texts beside the pictures, by the names of their parts. Raises BadRequest."""
        texts = (part for part in self if part.filename is None and not part.is_picture(names))
        return {part.name: part.text for part in texts}

    @property
    def found(self) -> str:
        """What the form has, for whoever sent it."""
        if not self:
            return "the form has no parts"
        more = f" and {len(self) - _SHOWN} more" if len(self) > _SHOWN else ""
        return f"the form has {', '.join(map(str, self[:_SHOWN]))}{more}"


class _Reader:
    """Collects what the parser tells."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._name, self._value = bytearray(), bytearray()
        self.complete = False

    @property
    def callbacks(self) -> dict[str, object]:
        return {
            "on_part_begin": self._begin,
            "on_part_data": lambda data, start, end: self._parts[-1].body.extend(data[start:end]),
            "on_header_field": lambda data, start, end: self._name.extend(data[start:end]),
            "on_header_value": lambda data, start, end: self._value.extend(data[start:end]),
            "on_header_end": self._end_header,
            "on_end": self._end,
        }

    def _begin(self) -> None:
        if len(self._parts) == MOST_PARTS:
            raise BadRequest(f"the form has more than {MOST_PARTS} parts")
        self._parts.append(Part())

    def _end_header(self) -> None:
        name = self._name.decode("latin-1").lower()
        # latin-1, as the library reads options: what it gives back are the client's own bytes.
        self._parts[-1].head[name] = self._value.decode("latin-1")
        self._name.clear()
        self._value.clear()

    def _end(self) -> None:
        self.complete = True
