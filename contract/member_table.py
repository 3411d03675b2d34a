"""Members as a table in CSV: one line a member, in UTF-8, as spreadsheets read and write it.

    member_id,name,tags,cross_store,profile,faces
    m-17,张三,vip|tea,true,"{""points"": 120}",store-a/095|store-b/v-3f2a

`cross_store` may be `store` too: the member was not asked, and the store's option decides (null in
the API). An empty cell, like a missing column, is no consent.

A line that is wrong is told with its number and left out; the others are taken.
"""

import csv
import io
import itertools
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pydantic import Field, ValidationError

from contract.errors import BadRequest
from contract.identifiers import MEMBER_ID
from contract.member_messages import Consent, Member, MemberDraft
from contract.messages import Message

COLUMNS = ("member_id", "name", "tags", "cross_store", "profile", "faces")
_SEPARATOR = "|"
_AS_THE_STORE_SAYS = "store"
_CONSENT: dict[str, bool | None] = {
    **dict.fromkeys(["true", "yes", "1"], True),
    **dict.fromkeys(["false", "no", "0", ""], False),
    _AS_THE_STORE_SAYS: None,
}


@dataclass(frozen=True)
class MemberLine:
    """One member of a table; `faces` are pairs of store and FaceId to bind."""

    line: int
    member_id: str
    draft: MemberDraft
    faces: list[tuple[str, str]]


class RefusedLine(Message):
    """A line that was left out, and why. The line of the columns' names is 1."""

    line: int
    member_id: str | None = None
    reason: str


class ImportReport(Message):
    """What became of a table: members that are new, or were written anew, and lines left out."""

    created: int = 0
    updated: int = 0
    refused: list[RefusedLine] = Field(default=[])


def write_table(members: Iterable[Member], head: bool = True) -> str:
    """Return members as CSV."""
    text = io.StringIO()
    table = csv.writer(text)
    if head:
        table.writerow(COLUMNS)
    for member in members:
        table.writerow(
            [
                member.member_id,
                member.name or "",
                _SEPARATOR.join(member.tags),
                _consent_cell(member.consent),
                json.dumps(member.profile, ensure_ascii=False) if member.profile else "",
                _SEPARATOR.join(f"{face.store}/{face.face_id}" for face in member.faces),
            ]
        )
    return text.getvalue()


def _consent_cell(consent: Consent) -> str:
    if consent.cross_store is None:
        return _AS_THE_STORE_SAYS
    return str(consent.cross_store).lower()


def read_table(text: str) -> Iterator[MemberLine | RefusedLine]:
    """Yield the lines of a table. Raises BadRequest when it has no column `member_id`."""
    table = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), strict=True)
    names = table.fieldnames or []
    unknown = [name for name in names if name not in COLUMNS]
    if "member_id" not in names or unknown:
        raise BadRequest(f"the first line names the columns, of {', '.join(COLUMNS)}: {names}")
    for number in itertools.count(2):
        try:
            row = next(table)
        except StopIteration:
            return
        except csv.Error as error:
            yield RefusedLine(line=number, reason=f"{error}; what follows cannot be read either")
            return
        yield _line(number, row)


def _line(number: int, row: dict[str | None, str | list[str] | None]) -> MemberLine | RefusedLine:
    given = {name: value for name, value in row.items() if isinstance(value, str)}
    name = given.get("member_id")
    if None in row or len(given) < len(row):
        return RefusedLine(line=number, member_id=name, reason="not as many cells as columns")
    try:
        return _member(number, {column: given.get(column, "").strip() for column in COLUMNS})
    except BadRequest as error:
        return RefusedLine(line=number, member_id=name, reason=error.detail)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"]))
        return RefusedLine(line=number, member_id=name, reason=f"{where}: {first['msg']}")


def _member(number: int, cells: dict[str, str]) -> MemberLine:
    said = cells["cross_store"].lower()
    if said not in _CONSENT:
        raise BadRequest(f"cross_store: {cells['cross_store']!r} is neither true, false nor store")
    try:
        profile = json.loads(cells["profile"] or "{}")
    except ValueError as error:
        raise BadRequest(f"profile: no JSON: {error}") from error
    draft = MemberDraft(
        name=cells["name"] or None,
        tags=_listed(cells["tags"]),
        profile=profile,
        consent=Consent(cross_store=_CONSENT[said]),
    )
    faces = [_face(text) for text in _listed(cells["faces"])]
    return MemberLine(number, MEMBER_ID(cells["member_id"]), draft, faces)


def _listed(cell: str) -> list[str]:
    return [part.strip() for part in cell.split(_SEPARATOR) if part.strip()]


def _face(text: str) -> tuple[str, str]:
    store, slash, face_id = text.partition("/")
    if not slash or not store or not face_id:
        raise BadRequest(f"faces: {text!r} is not store/FaceId")
    return store, face_id
