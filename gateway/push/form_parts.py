"""Bodies in parts as cameras write them, read with patience.

What a strict reader refuses is common there: no last boundary, no name or no header at all, lines
that end in LF alone, a boundary that is declared with its dashes, or not declared.
"""

import re

from python_multipart.multipart import parse_options_header

from service.http.multipart_form import MOST_PARTS, Part, is_multipart

_LONGEST_HEAD = 16_384
_FIRST_LINE = re.compile(rb"\s*--([!-~]{1,70})[ \t]*\r?\n")
_HEAD = re.compile(rb"[ \t]*\r?\n((?:[^\r\n]+\r?\n)*)\r?\n")
"""What follows a boundary: the rest of its line, lines of a header, an empty line."""


def form_parts(content_type: str, body: bytes) -> list[Part] | None:
    """Return the parts of a body, at most MOST_PARTS; None when it has none and says so."""
    boundary = _boundary(content_type, body)
    if boundary is None:
        return None
    parts = []
    for section in _sections(body, b"--" + boundary):
        head = _HEAD.match(section[:_LONGEST_HEAD])
        if head is not None:
            parts.append(Part(_fields(head[1]), bytearray(section[head.end() :])))
    return parts


def _boundary(content_type: str, body: bytes) -> bytes | None:
    if not is_multipart(content_type):
        found = _FIRST_LINE.match(body[:200])
        return found[1] if found else None
    declared = parse_options_header(content_type)[1].get(b"boundary", b"")
    if declared and b"--" + declared in body:
        return declared
    found = _FIRST_LINE.match(body[:200])  # declared with the dashes, or otherwise wrong
    return found[1] if found else declared or None


def _sections(body: bytes, delimiter: bytes) -> list[bytes]:
    """Return what is between the delimiters, each of which begins a line."""
    sections: list[bytes] = []
    begun = False
    for piece in body.split(delimiter, MOST_PARTS + 1):
        if not begun:
            begun = True  # what comes before the first one is for no one
            continue
        if sections and not sections[-1].endswith(b"\n"):
            sections[-1] += delimiter + piece  # the same bytes by chance, within a picture
            continue
        if piece.startswith(b"--"):
            break
        sections.append(piece)
    return [section.removesuffix(b"\n").removesuffix(b"\r") for section in sections[:MOST_PARTS]]


def _fields(head: bytes) -> dict[str, str]:
    """Return the fields of a part's header, by their names in small letters."""
    pairs = (line.partition(":") for line in head.decode("latin-1").splitlines())
    return {name.strip().lower(): value.strip() for name, found, value in pairs if found}
