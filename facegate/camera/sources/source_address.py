"""Where a camera's pictures come from, told by what was written for SOURCE."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import quote, urlsplit

from contract.errors import BadRequest

SourceKind = Literal["rtsp", "http", "webcam", "folder", "file"]

_SCHEMES: dict[str, SourceKind] = {
    "rtsp": "rtsp",
    "rtsps": "rtsp",
    "http": "http",
    "https": "http",
}
_WEBCAM = re.compile(r"webcam:(\d{1,3})", re.ASCII)
_SECRET = re.compile(r"(?<=://)[^/?#\s]*@")
_QUERY = re.compile(r"\?[^\s'\"]*")


@dataclass(frozen=True)
class SourceAddress:
    """A source: its kind, and the address or path to open, which may hold a password."""

    kind: SourceKind
    opened: str

    @property
    def shown(self) -> str:
        """The source as it may be said aloud: without user, password and query."""
        return masked(self.opened)

    @property
    def is_live(self) -> bool:
        """Whether it goes on for ever, and shows what happens now."""
        return self.kind not in {"folder", "file"}

    @property
    def name(self) -> str:
        """What a camera is called of which nobody says so: its host, or the file's name."""
        if self.kind in {"rtsp", "http"}:
            return urlsplit(self.opened).hostname or self.kind
        if self.kind == "webcam":
            return f"webcam {self.opened}"
        return Path(self.opened).resolve().stem or self.kind

    @property
    def host(self) -> str | None:
        """Whom a password is for."""
        return urlsplit(self.opened).hostname if "://" in self.opened else None

    def signed_in(self, user: str, password: str) -> "SourceAddress":
        """Return the address with the name and the password of a user."""
        scheme, rest = _SECRET.sub("", self.opened).split("://", 1)
        secret = f"{quote(user, safe='')}:{quote(password, safe='')}"
        return SourceAddress(self.kind, f"{scheme}://{secret}@{rest}")


def parse_source(text: str) -> SourceAddress:
    """Return what `text` says: a URL, `webcam:0`, a folder of pictures, or a video file.

    Raises BadRequest for what is none of them.
    """
    if webcam := _WEBCAM.fullmatch(text):
        return SourceAddress("webcam", webcam[1])
    scheme, separator, _ = text.partition("://")
    if separator:
        kind = _SCHEMES.get(scheme.lower())
        if kind is None or _has_no_host(text):
            known = ", ".join(f"{name}://" for name in _SCHEMES)
            raise BadRequest(f"{masked(text)}: no source; known are {known} with a host")
        return SourceAddress(kind, text)
    path = Path(text)
    if path.is_dir():
        return SourceAddress("folder", text)
    if path.is_file():
        return SourceAddress("file", text)
    raise BadRequest(f"{text}: no file or folder of that name, no address, and not webcam:0")


def has_password(text: str) -> bool:
    """Say whether an address has a user or a password in it."""
    return _SECRET.search(text) is not None


def masked(text: str) -> str:
    """Return `text` without the users, passwords and queries of the addresses in it."""
    return _QUERY.sub("?…", _SECRET.sub("", text)) if "://" in text else text


def _has_no_host(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return not parts.hostname or parts.port == 0
    except ValueError:
        return True
