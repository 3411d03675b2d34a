"""The kinds of ids and names, and the one rule that each of them has, in whatever it comes.

An id is stored in Unicode's NFC and never changed beyond that: what would look like another id is
refused. Names and tags are for people: their spaces are put in order.

`known` is for what is looked for, and not made: earlier releases took ids that are refused now, and
these are still to be read and erased.
"""

import unicodedata
from dataclasses import dataclass
from typing import Annotated

from pydantic import AfterValidator, Field

from contract.errors import BadText
from contract.text.plain_text import (
    check_line,
    check_storable,
    check_visible,
    is_blank,
    normalize_text,
)

_DOTS = frozenset({".", ".."})


@dataclass(frozen=True)
class Id:
    """A kind of id: how it is called, its most characters, and which of them it cannot have."""

    what: str
    longest: int = 100
    without: str = ""

    def __call__(self, text: str) -> str:
        """Return the form in which the id is stored. Raises BadText."""
        name = self._short(text)
        if name != normalize_text(name):
            spaces = any(is_blank(c) and c != " " for c in name)
            where = "another space than U+0020" if spaces else "spaces at its ends, or two together"
            raise BadText(f"{self.what} {_quoted(text)} has {where}")
        check_visible(name, self.what)
        if name in _DOTS or any(character in self.without for character in name):
            raise BadText(f"{self.what} {_quoted(text)} has a slash or is a dot name")
        return name

    def known(self, text: str) -> str:
        """Return the form in which an id that is looked for may be stored. Raises BadText."""
        name = check_line(self._short(text), self.what)
        if not name.strip():
            raise BadText(f"{self.what} is empty")
        return name

    def _short(self, text: str) -> str:
        name = unicodedata.normalize("NFC", text)
        if len(name) > self.longest:
            raise BadText(f"{self.what} is longer than {self.longest} characters")
        return name


@dataclass(frozen=True)
class Name:
    """A kind of text for people to read: how it is called, and its most characters."""

    what: str
    longest: int

    def __call__(self, text: str) -> str:
        """Return the form in which the text is stored. Raises BadText."""
        name = check_visible(normalize_text(text), self.what)
        if len(name) > self.longest:
            raise BadText(f"{self.what} is longer than {self.longest} characters")
        return name


STORE = Id("the store name", without="/\\")
MEMBER_ID = Id("the member_id", without="/")
FACE_ID = Id("the FaceId", without="/\\")

CAMERA = Name("the camera", 100)
TRACK = Name("the track", 100)
FRAME = Name("the frame", 100)
STORE_NAME = Name("the name of the store", 200)
CAMERA_NAME = Name("the name of the camera", 200)
KEY_NAME = Name("the name of the key", 100)
MEMBER_NAME = Name("the name", 200)
TAG = Name("the tag", 50)
CONSENT_TEXT = Name("the text of a consent", 100)
TAKEN_BY = Name("the name of who took a consent", 200)

LONGEST_SOURCE = 1000
LONGEST_QUERY = 200


def source_name(text: str) -> str:
    """Return the form in which the name of an imported picture is stored. Raises BadText."""
    name = check_line(unicodedata.normalize("NFC", text), "the source")
    if not name or len(name) > LONGEST_SOURCE:
        raise BadText(f"the source is empty or longer than {LONGEST_SOURCE} characters")
    return name


def asked_text(text: str) -> str:
    """Return what somebody searches for. Raises BadText."""
    return normalize_text(check_line(text, "what is searched for"))


FaceId = Annotated[str, Field(min_length=1, max_length=FACE_ID.longest), AfterValidator(FACE_ID)]
Camera = Annotated[str, Field(min_length=1, max_length=CAMERA.longest), AfterValidator(CAMERA)]
Track = Annotated[str, Field(min_length=1, max_length=TRACK.longest), AfterValidator(TRACK)]
Frame = Annotated[str, Field(min_length=1, max_length=FRAME.longest), AfterValidator(FRAME)]
KnownMember = Annotated[
    str, Field(min_length=1, max_length=MEMBER_ID.longest), AfterValidator(MEMBER_ID.known)
]
KnownFace = Annotated[
    str, Field(min_length=1, max_length=FACE_ID.longest), AfterValidator(FACE_ID.known)
]
MemberName = Annotated[str, Field(max_length=MEMBER_NAME.longest), AfterValidator(MEMBER_NAME)]
Tag = Annotated[str, Field(min_length=1, max_length=TAG.longest), AfterValidator(TAG)]
ConsentText = Annotated[
    str, Field(min_length=1, max_length=CONSENT_TEXT.longest), AfterValidator(CONSENT_TEXT)
]
TakenBy = Annotated[str, Field(min_length=1, max_length=TAKEN_BY.longest), AfterValidator(TAKEN_BY)]
Asked = Annotated[str, Field(max_length=LONGEST_QUERY), AfterValidator(asked_text)]
"""What somebody searches for."""
Start = Annotated[str, Field(max_length=LONGEST_SOURCE), AfterValidator(check_storable)]
"""What a list starts after, or what its names start with."""
Reference = Annotated[str, Field(min_length=1, max_length=100), AfterValidator(check_storable)]
"""What the services themselves have named: a receipt, a merge."""
AccessKeyId = Annotated[str, Field(pattern=r"^fg_[0-9a-f]{8}$")]
SessionId = Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]
WebhookId = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[A-Za-z0-9._-]+$")]


def _quoted(text: str) -> str:
    return repr(text[:100])
