"""The chain of an audit trail, so that whoever has its lines can check them without its writer.

An entry is a JSON object. `number` counts the entries of one `writer` from 1; `previous` is the
`digest` of the entry before it; `digest` is the SHA-256 of the entry without `digest`, in canonical
form. Whom it is about stands in it as a salted digest alone: who is erased later is found in no
line any more, and the chain stays what it was.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any, NamedTuple, Self

GENESIS = "0" * 64
"""What the first entry of a chain follows."""

_HEAD = re.compile(r"([0-9a-z]+):([0-9]{1,18}):([0-9a-f]{64})")
DROPPED = "audit.drop"
"""The action of an entry that says, before it is done, `through` which head a chain is dropped."""

Entry = Mapping[str, Any]
"""An entry of a chain, as its JSON says it."""


def canonical(value: Any) -> str:
    """Return the one JSON text of a value: sorted keys, no spaces, ASCII."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def sealed(entry: Entry, previous: str) -> dict[str, Any]:
    """Return an entry as it stands in its chain, after the entry whose digest is `previous`."""
    following = {**entry, "previous": previous}
    return {**following, "digest": _sha256(canonical(following))}


def subject_digest(salt: str, subject: Mapping[str, str]) -> str:
    """Return how an entry says whom it is about: SHA-256 of a salt and of the person's ids."""
    return _sha256(f"{salt}:{canonical(subject)}")


class Head(NamedTuple):
    """The last entry of a chain, or one that somebody has noted."""

    writer: str
    number: int
    digest: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the head that `writer:number:digest` names. Raises ValueError."""
        match = _HEAD.fullmatch(text)
        if match is None:
            raise ValueError(f"{text[:100]!r} is not writer:number:digest")
        return cls(match[1], int(match[2]), match[3])

    def __str__(self) -> str:
        return f"{self.writer}:{self.number}:{self.digest}"


class ChainFault(NamedTuple):
    """The first entry of a chain that is wrong, and what is wrong with it."""

    writer: str
    number: int
    what: str


class ChainCheck:
    """Takes the entries of one or several chains in their order, and tells where one is wrong.

    A chain may begin with any number: what was before it has been dropped, or is elsewhere. `noted`
    are heads that were kept elsewhere: whoever writes a whole chain anew is found out by them.
    """

    def __init__(self, noted: Iterable[Head] = ()) -> None:
        self._noted = {(head.writer, head.number): head for head in noted}
        self.first: dict[str, int] = {}
        """The number of the first entry of each writer."""
        self.heads: dict[str, Head] = {}
        """The last sound entry of each writer."""
        self.dropped: dict[str, Head] = {}
        """The last entry of each writer that an entry says was dropped."""
        self.faults: dict[str, ChainFault] = {}
        """The first fault of each writer; what follows it is not looked at."""

    def fault(self, writer: str, number: int, what: str) -> None:
        """Note a fault, unless the chain has one already."""
        self.faults.setdefault(writer, ChainFault(writer, number, what))

    def take(self, entry: Entry) -> None:
        """Check an entry against those before it."""
        writer, number = str(entry.get("writer")), entry.get("number")
        if writer in self.faults:
            return
        if not isinstance(number, int):
            self.fault(writer, 0, "is no entry of a trail")
            return
        what = self._wrong(writer, number, entry)
        if what is not None:
            self.fault(writer, number, what)
            return
        self.first.setdefault(writer, number)
        if entry.get("action") == DROPPED:
            with suppress(KeyError, TypeError, ValueError, AttributeError):
                last = Head.parse(entry["details"]["through"])
                self.dropped[last.writer] = last
        self.heads[writer] = Head(writer, number, entry["digest"])

    def take_subjects(self, entry: Entry, subjects: Sequence[Mapping[str, Any]]) -> None:
        """Check who is named beside an entry that was taken against what it says of them."""
        writer = str(entry.get("writer"))
        if writer in self.faults:
            return
        digests = [subject.get("digest") for subject in entry.get("subjects", [])]
        told = [
            subject_digest(str(subject.get("salt")), subject.get("said") or {})
            if subject.get("erasure") is None
            else digest
            for subject, digest in zip(subjects, digests, strict=False)
        ]
        if told != digests:
            self.fault(writer, entry["number"], "names somebody else")

    def require_noted(self) -> None:
        """Check that no chain ends before a head that was noted."""
        for head in self._noted.values():
            found = self.heads.get(head.writer)
            last = found.number if found else 0
            if last < head.number:
                self.fault(head.writer, last + 1, f"is missing: the chain had {head.number}")

    def require_beginnings(self) -> None:
        """Check that each chain begins with its first entry, or after what it says was dropped."""
        for writer, number in self.first.items():
            dropped = self.dropped.get(writer)
            if number != 1 and (dropped is None or dropped.number < number - 1):
                self.fault(writer, number, "has none before it, and none says that they expired")

    def _wrong(self, writer: str, number: int, entry: Entry) -> str | None:
        content = {name: value for name, value in entry.items() if name != "digest"}
        if _sha256(canonical(content)) != entry.get("digest"):
            return "was changed"
        noted = self._noted.get((writer, number))
        if noted is not None and noted.digest != entry.get("digest"):
            return "is not the one that was noted"
        before = self.heads.get(writer)
        if before is None:
            begins = number != 1 or entry.get("previous") == GENESIS
            return None if begins else "does not begin its chain"
        if number <= before.number:
            return f"stands after {before.number}"
        if number > before.number + 1:
            return f"follows {before.number}: what was between them is missing"
        return None if entry.get("previous") == before.digest else "does not follow the one before"


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
