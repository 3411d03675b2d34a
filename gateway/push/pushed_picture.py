"""Pictures that came with one event: what each shows, told by what it is called."""

import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

from contract.pictures.kind import HEAD_BYTES, picture_kind

Shows = Literal["scene", "face", "enrolled"]
"""The whole scene; somebody cut out of it; somebody as the camera's own library has them."""

SHORTEST_TEXT = 128
"""Characters of base64 in which no picture of a face is."""
MOST_PICTURES = 20

_ALPHABET = bytes.maketrans(b"-_ ", b"+/+")
"""That of URLs, too; a plus sign that was not encoded in a form arrives as a space."""
_DATA_URI = re.compile(r"data:[\w/+.-]*(?:;[\w=.-]+)*,")
_WORDS: dict[Shows, re.Pattern[str]] = {
    "enrolled": re.compile(r"lib|candidate|idimage|card|certificat|regist|enrol|matchperson"),
    "scene": re.compile(r"background|bkg|scene|pano|whole|full|large|overview|original"),
    "face": re.compile(r"face|head|crop|cut|small|target|human|person|body|object|observation"),
}


class NamedPicture(NamedTuple):
    """A picture file, and what it is called: innermost name first."""

    names: tuple[str, ...]
    file: bytes

    @property
    def shows(self) -> Shows | None:
        """What its first telling name says that it shows."""
        for name in self.names:
            for shows, words in _WORDS.items():
                if words.search(name.lower()):
                    return shows
        return None


@dataclass(frozen=True)
class Look:
    """A picture to recognize, as a frame of `track` if it shows that track's person.

    `cut_out`: the camera has cut it out of what it sees.
    """

    file: bytes
    track: str | None = None
    cut_out: bool = False


class Looks(NamedTuple):
    """What to look at, and what instead if nobody is seen there."""

    first: list[Look]
    otherwise: list[Look]


def is_picture(file: bytes) -> bool:
    """Say whether a file begins as a picture does."""
    return picture_kind(file[:HEAD_BYTES]) is not None


def picture_in_text(text: str) -> bytes | None:
    """Return the picture that a text is in base64, plain or as a data URI; None if it is none."""
    if len(text) < SHORTEST_TEXT:
        return None
    uri = _DATA_URI.match(text[:200])
    coded = text[uri.end() :] if uri else text
    coded = coded.strip()
    if not is_picture(_decoded(coded[: 4 * HEAD_BYTES]) or b""):
        return None
    return _decoded(coded)


def looks_at(pictures: Sequence[NamedPicture], track: str | None) -> Looks:
    """Return which pictures of one event to look at, so that nobody is counted twice.

    Whose track the event is of is shown best by the one face that was cut out; otherwise the scene
    is looked at, once. What the camera has in its library was not seen now.
    """
    seen = [picture for picture in pictures if picture.shows != "enrolled"][:MOST_PICTURES]
    scene = _scene(seen)
    faces = [
        Look(picture.file, cut_out=picture.shows == "face")
        for picture in seen
        if picture is not scene
    ]
    if len(faces) == 1 and (scene is None or track is not None):
        return Looks([replace(faces[0], track=track)], [Look(scene.file)] if scene else [])
    if scene is None:
        return Looks(faces, [])
    return Looks([Look(scene.file, None if faces else track)], faces)


def _scene(pictures: Sequence[NamedPicture]) -> NamedPicture | None:
    """Return the picture of the scene: one that is called so, or the largest without a name."""
    for shows in ("scene", None):
        those = [picture for picture in pictures if picture.shows == shows]
        if those:
            return max(those, key=lambda picture: len(picture.file))
    return None


def _decoded(text: str) -> bytes | None:
    """Return what base64 says, with any line ends and in either alphabet; None if it is none."""
    try:
        raw = text.encode("ascii").translate(_ALPHABET, b"\r\n\t=")
    except UnicodeEncodeError:
        return None
    try:
        return binascii.a2b_base64(raw + b"=" * (-len(raw) % 4), strict_mode=True)
    except binascii.Error:
        return None
