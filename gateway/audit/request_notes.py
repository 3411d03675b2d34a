"""What the audit trail will say of the request that is being served: its services add to it.

As with the request's id, nobody has to hand it through: who finds out whom a request is about says
so where it is found out. Outside of a request that is audited nothing is noted.
"""

from collections.abc import Awaitable, Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from starlette.requests import HTTPConnection
from starlette.types import Scope

from contract.errors import BadText
from contract.text.access_key import without_secrets
from contract.text.identifiers import FACE_ID, MEMBER_ID, STORE
from gateway.audit.draft import AuditDraft
from gateway.http.caller import Caller, address_of, caller_of
from gateway.record.audit.subject import Subject
from service import request_id

_IDS = ("erasure", "job", "key", "merge", "model", "session", "template_id", "webhook")
"""What paths name that is nobody's own id."""
_QUERY = ("action", "complete", "erase", "erasure", "from", "since", "store", "tag", "to", "who")
"""What of a query is noted. What is searched for may be a name, which no erasure would find."""
_WHOM = ("face_id", "member_id")
_SEARCHED = frozenset({"after", "face_id", "member_id", "prefix", "q"})
"""What is noted of a query without its value."""
_LONGEST = 100
_MOST_SUBJECTS = 50


async def _begin_untold() -> None:
    """Begin what no door tells of."""


@dataclass
class RequestNotes:
    """Who sends a request, and whom it turns out to be about."""

    caller: Caller
    address: str | None
    since: int
    store: str | None = None
    subjects: list[Subject] = field(default_factory=list)
    details: dict[str, Any] = field(default_factory=dict)
    begin: Callable[[], Awaitable[None]] = _begin_untold
    """Tells that what was asked for is about to be done."""
    begun: bool = False
    """Whether that was told."""

    @classmethod
    def of(cls, scope: Scope, names: Mapping[str, str], now: int) -> "RequestNotes":
        """Return what the address of a request says; `names` are those of its path."""
        notes = cls(caller_of(HTTPConnection(scope)), address_of(scope) or None, now)
        text = scope["query_string"].decode("latin-1")
        query = {name: values[0] for name, values in parse_qs(text).items()}
        if scope["method"] == "POST":  # whom a picture is to be of
            whom = {name: query.pop(name) for name in _WHOM if name in query}
            notes._take_names({**whom, **names})
        else:
            notes._take_names(names)
        asked = {name: query[name] for name in _QUERY if name in query}
        asked |= {name: names[name] for name in _IDS if name in names}
        notes.details |= {name: without_secrets(text)[:_LONGEST] for name, text in asked.items()}
        if searched := sorted(_SEARCHED.intersection(query)):
            notes.details["by"] = searched
        return notes

    def about(self, *subjects: Subject) -> None:
        """Note whom the request is about; of many only the first, and how many more."""
        for subject in subjects:
            if subject in self.subjects:
                continue
            if len(self.subjects) < _MOST_SUBJECTS:
                self.subjects.append(subject)
            else:
                self.details["more"] = self.details.get("more", 0) + 1

    def draft(self, action: str, status: int | None) -> AuditDraft:
        """Return the entry as it is known now."""
        who = self.caller.key_id or self.caller.subject
        return AuditDraft(
            action,
            self.since,
            who=who,
            role=None if who is None else self.caller.role,
            address=self.address,
            store=self.store,
            subjects=tuple(self.subjects),
            details=dict(self.details),
            status=status,
            request_id=request_id.current.get(),
        )

    def _take_names(self, names: Mapping[str, str]) -> None:
        """Note whom a request names; what cannot be anybody's name is refused by its route."""
        names = {name: without_secrets(text) for name, text in names.items()}
        try:
            if "store" in names:
                self.store = STORE.known(names["store"])
            if "member_id" in names:
                self.about(Subject.member(MEMBER_ID.known(names["member_id"])))
            if "face_id" in names and self.store is not None:
                self.about(Subject.face((self.store, FACE_ID.known(names["face_id"]))))
        except BadText:
            self.details["refused"] = "a name that none can have"


current: ContextVar[RequestNotes | None] = ContextVar("audit_notes", default=None)


def note_member(member_id: str) -> None:
    """Note that the request is about a member."""
    if (notes := current.get()) is not None:
        notes.about(Subject.member(member_id))


def note_faces(*faces: tuple[str, str]) -> None:
    """Note that the request is about FaceIds, each a pair of its store and its name."""
    if (notes := current.get()) is not None:
        notes.about(*(Subject.face(face) for face in faces))


def note_caller(caller: Caller) -> None:
    """Note who turned out to ask, where the door lets in whoever comes."""
    notes = current.get()
    if notes is not None and notes.caller.key_id is None and notes.caller.subject is None:
        notes.caller = caller


async def begin_change() -> None:
    """Tell that a request is about to change something, where its route says when.

    Raises StorageError where the trail cannot be written: then it must not be done.
    """
    if (notes := current.get()) is not None and not notes.begun:
        await notes.begin()


def note_details(**details: Any) -> None:
    """Note what came of the request: numbers, never names."""
    if (notes := current.get()) is not None:
        notes.details |= details
