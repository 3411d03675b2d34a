"""Members as a table in CSV: one line a member, in UTF-8, as spreadsheets read and write it.

    member_id,name,tags,cross_store,profile,faces
    m-17,张三,vip|tea,true,"{""points"": 120}",store-a/095|store-b/v-3f2a

`cross_store` may be `store` too: the member was not asked, and the store's option decides (null in
the API). An empty cell, like a missing column, is no consent. `consent_at`, `consent_text` and
`consent_by` say when the member decided so, on which text and who took it; `former_consents` is
JSON: what was decided before. In tags and FaceIds a backslash
stands before a bar that belongs to them, and before a backslash. An apostrophe before what a
spreadsheet would take for a formula is no part of it.

A line that is wrong is told with its number and left out; the others are taken.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import Field, ValidationError

from contract.errors import BadRequest, BadText
from contract.messages.members import Member, MemberDraft
from contract.messages.message import Message
from contract.messages.privacy.consent import Consent
from contract.text.csv_text import BrokenRow, rows_of, written
from contract.text.identifiers import FACE_ID, MEMBER_ID, STORE
from contract.text.strict_json import load_strict_json

COLUMNS = (
    *("member_id", "name", "tags", "cross_store", "profile", "faces"),
    *("consent_at", "consent_text", "consent_by", "former_consents"),
)
_SEPARATOR = "|"
_PARTS = re.compile(r"(?:\\.|[^|\\]|\\$)+", re.DOTALL)
_SHOWN = 100
"""Characters of what was sent that an answer repeats."""
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
    """A line that was left out, and why. Lines are a spreadsheet's: that of the names is 1."""

    line: int
    member_id: str | None = None
    reason: str


class ImportReport(Message):
    """What became of a table: members that are new, or were written anew, and lines left out.

    Where an import had to end early, `stopped` says why, and `next_line` where to go on: no line
    after it was taken.
    """

    created: int = 0
    updated: int = 0
    refused: list[RefusedLine] = Field(default=[])
    next_line: int | None = None
    stopped: str | None = None


def write_table(members: Iterable[Member], head: bool = True) -> str:
    """Return members as CSV."""
    rows = [_row(member) for member in members]
    return written([list(COLUMNS), *rows] if head else rows)


def _row(member: Member) -> list[str]:
    return [
        member.member_id,
        member.name or "",
        _joined(member.tags),
        _consent_cell(member.consent),
        _json_cell(member.profile),
        _joined([f"{face.store}/{face.face_id}" for face in member.faces]),
        member.consent.at or "",
        member.consent.text or "",
        member.consent.taken_by or "",
        _json_cell([decision.model_dump() for decision in member.consent.former]),
    ]


def _json_cell(value: Sequence[object] | Mapping[str, object]) -> str:
    return json.dumps(value, ensure_ascii=False) if value else ""


def _consent_cell(consent: Consent) -> str:
    if consent.cross_store is None:
        return _AS_THE_STORE_SAYS
    return str(consent.cross_store).lower()


def read_table(text: str) -> Iterator[MemberLine | RefusedLine]:
    """Yield the lines of a table. Raises BadRequest when it has no column `member_id`."""
    return read_lines(rows_of(text))


def read_lines(rows: Iterator[list[str]]) -> Iterator[MemberLine | RefusedLine]:
    """Yield the lines of a table's rows. Raises BadRequest when it has no column `member_id`."""
    number = 1
    try:
        columns = _columns(next(rows, []))
    except BrokenRow as error:
        raise BadRequest(f"the table cannot be read: {error}") from error
    try:
        for row in rows:
            number += 1
            if row:
                yield _line(number, columns, row)
    except BrokenRow as error:
        yield RefusedLine(line=number + 1, reason=f"{error}; what follows cannot be read either")


def _columns(names: list[str]) -> list[str]:
    columns = [name.lower() for name in names]
    known = set(columns) <= set(COLUMNS) and len(set(columns)) == len(columns)
    if "member_id" not in columns or not known:
        found = ", ".join(names)[:_SHOWN]
        raise BadRequest(
            f"the first line names the columns, each once, of {', '.join(COLUMNS)}: {found!r}"
        )
    return columns


def _line(number: int, columns: list[str], row: list[str]) -> MemberLine | RefusedLine:
    cells = dict.fromkeys(COLUMNS, "") | dict(zip(columns, row, strict=False))
    name = cells["member_id"][:_SHOWN] or None
    if len(row) != len(columns):
        return RefusedLine(line=number, member_id=name, reason="not as many cells as columns")
    try:
        return _member(number, cells)
    except BadRequest as error:
        return RefusedLine(line=number, member_id=name, reason=error.detail)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"]))
        reason = str(first["msg"]).removeprefix("Value error, ")
        return RefusedLine(line=number, member_id=name, reason=f"{where}: {reason}")


def _member(number: int, cells: dict[str, str]) -> MemberLine:
    said = cells["cross_store"].lower()
    if said not in _CONSENT:
        raise BadRequest(f"cross_store: {cells['cross_store']!r} is neither true, false nor store")
    draft = MemberDraft.model_validate(
        {
            "name": cells["name"] or None,
            "tags": _listed(cells["tags"]),
            "profile": _read_json(cells, "profile", "{}"),
            "consent": {
                "cross_store": _CONSENT[said],
                "at": cells["consent_at"] or None,
                "text": cells["consent_text"] or None,
                "taken_by": cells["consent_by"] or None,
                "former": _read_json(cells, "former_consents", "[]"),
            },
        }
    )
    faces = [_face(text) for text in _listed(cells["faces"])]
    return MemberLine(number, MEMBER_ID(cells["member_id"]), draft, faces)


def _read_json(cells: Mapping[str, str], column: str, empty: str) -> Any:
    """Return the JSON of a cell; an empty one means `empty`."""
    try:
        return load_strict_json(cells[column] or empty)
    except BadText as error:
        raise BadRequest(f"{column}: {error.detail}") from error


def _joined(parts: Iterable[str]) -> str:
    """Return several texts in one cell."""
    return _SEPARATOR.join(re.sub(r"([\\|])", r"\\\1", part) for part in parts)


def _listed(cell: str) -> list[str]:
    parts = [re.sub(r"\\([\\|])", r"\1", part).strip() for part in _PARTS.findall(cell)]
    return [part for part in parts if part]


def _face(text: str) -> tuple[str, str]:
    store, slash, face_id = text.partition("/")
    if not slash:
        raise BadRequest(f"faces: {text[:_SHOWN]!r} is not store/FaceId")
    return STORE.known(store), FACE_ID.known(face_id)
