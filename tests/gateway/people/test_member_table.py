"""Members in and out as CSV: nothing is lost on bad lines, and each is told with its number."""

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from contract.deadline import Deadline
from contract.errors import BadRequest
from contract.messages.member_table import MemberLine, RefusedLine, read_table
from contract.messages.members import MemberDraft
from contract.stores.store_map import Store, StoreMap
from contract.text.csv_text import decoded, rows_of, written
from facegate.command import main
from gateway.people.member_table import import_members
from tests.gateway.fake_chain import until
from tests.gateway.people.chain import Chain, running

HEAD = "member_id,name,tags,cross_store,profile,faces\n"
GOOD = [
    'm-1,张三,vip|tea,true,"{""points"": 120}",a/anna\n',
    'm-2,"Öst, ""Bo""",,no,,\n',
]
BAD = [
    ",nobody,,,,\n",
    "m-3,x,,perhaps,,\n",
    "m-4,x,,true,{,\n",
    'm-5,x,,true,"[1]",\n',
    "m-6,x,,true,,anna\n",
    "m-7,x\n",
    "m-8,x,,true,,a/nobody\n",
    f"m-9,{'x' * 201},,,,\n",
]


async def test_good_lines_are_written_and_bad_ones_are_told(chain: Chain) -> None:
    await chain.enroll("a", 1, "anna")
    table = HEAD + "".join([GOOD[0], *BAD, GOOD[1]])

    report = await chain.call("POST", "/v1/members.csv", content=table.encode())

    assert [line["line"] for line in report["refused"]] == list(range(3, 11))
    assert (report["created"], report["updated"]) == (2, 0)
    member = await chain.call("GET", "/v1/members/m-1")
    assert member["name"] == "张三"
    assert member["tags"] == ["tea", "vip"]
    assert member["profile"] == {"points": 120}
    assert member["consent"]["cross_store"] is True
    assert [face["face_id"] for face in member["faces"]] == ["anna"]


async def test_what_was_exported_can_be_imported_again(chain: Chain) -> None:
    await chain.enroll("a", 1, "anna")
    await chain.call("POST", "/v1/members.csv", content=(HEAD + GOOD[0]).encode())
    await chain.put_member("m-2", False, name='a "quoted", name', tags=["x"])
    await chain.enroll("b", 2, "bo", member_id="m-3")  # nobody has asked this one
    exported = (await chain.http.get("/v1/members.csv")).text

    report = await chain.call("POST", "/v1/members.csv", content=exported.encode())

    assert (report["created"], report["updated"], report["refused"]) == (0, 3, [])
    assert (await chain.http.get("/v1/members.csv")).text == exported
    decided = (await chain.call("GET", "/v1/members/m-1"))["consent"]["at"]
    assert exported.splitlines()[1:] == [
        f"{GOOD[0].rstrip().replace('vip|tea', 'tea|vip')},{decided},,,",
        'm-2,"a ""quoted"", name",x,false,,,,,,',
        "m-3,,,store,,b/bo,,,,",
    ]
    member = await chain.call("GET", "/v1/members/m-3")
    assert member["consent"]["cross_store"] is None


async def test_the_command_imports_exports_and_keeps_what_was_left_out(
    chain: Chain, tmp_path: Path
) -> None:
    table, left_out, exported = (tmp_path / f"{n}.csv" for n in ("table", "left-out", "exported"))
    lines = [f"k-{number},Name {number},,true,,\n" for number in range(250)]
    lines[200] = "k-200,x,,perhaps,,\n"
    table.write_text(HEAD + "".join(lines), encoding="utf-8")
    url = ["--url", str(chain.http.base_url)]

    async def run(*arguments: str) -> Any:
        return await asyncio.to_thread(CliRunner().invoke, main, [*arguments, *url])

    imported = await run("members", "import", str(table), "--refused", str(left_out))
    written = await run("members", "export", str(exported))
    listed = await run("members", "list", "k-24")
    erased = await run("erase", "k-1", "--yes")
    receipts = await run("members", "erasures", "--member", "k-1", "--json")
    waited_for = await run("members", "erasures", "--open")

    assert imported.exit_code == 1
    assert "line 202: k-200" in imported.output
    assert "249 new, 0 written anew, 1 left out" in imported.output
    assert left_out.read_text().splitlines()[1] == "k-200,x,,perhaps,,"
    assert written.exit_code == 0
    assert len(exported.read_text().splitlines()) == 250
    assert "Name 249" in listed.output
    assert erased.exit_code == 0, erased.output
    assert "complete" in erased.output
    [receipt] = json.loads(receipts.output)
    assert (receipt["member_id"], receipt["complete"]) == ("k-1", True)
    assert waited_for.exit_code == 0
    assert receipt["erasure"] not in waited_for.output


@pytest.mark.parametrize("head", ["", "name\n", "member_id,nmae\n"])
def test_a_table_without_its_columns_is_refused(head: str) -> None:
    with pytest.raises(BadRequest):
        list(read_table(head))


def test_a_table_from_a_spreadsheet_is_read() -> None:
    [line] = read_table("\ufeffmember_id,name\r\nm-1,Anna\r\n")

    assert isinstance(line, MemberLine)
    assert line.draft.name == "Anna"
    assert line.draft.consent.cross_store is False


@pytest.mark.parametrize(("cell", "consent"), [("", False), ("store", None), ("Yes", True)])
def test_an_empty_cell_is_no_consent(cell: str, consent: bool | None) -> None:
    [line] = read_table(f"member_id,cross_store\nm-1,{cell}\n")

    assert isinstance(line, MemberLine)
    assert line.draft.consent.cross_store is consent


def test_a_quote_that_does_not_end_ends_the_table() -> None:
    *_, last = read_table('member_id,name\nm-1,Anna\nm-2,"Bo\nm-3,x\n')

    assert isinstance(last, RefusedLine)
    assert last.line == 3


@pytest.mark.parametrize("raw", [b"", b"\r", b"\0", b'"', b'"member_id', b"member_id,member_id\n"])
def test_bytes_that_are_no_table_are_refused(raw: bytes) -> None:
    with pytest.raises(BadRequest):
        list(read_table(decoded(raw)))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_table_is_read_as_any_spreadsheet_writes_it(
    encoding: str, separator: str, end: str
) -> None:
    rows = [["member_id", "name"], ["m-1", "Änne"], ["m-2", "Bo"]]
    raw = "".join(separator.join(row) + end for row in rows).encode(encoding)

    lines = [line for line in read_table(decoded(raw)) if isinstance(line, MemberLine)]

    assert [(line.line, line.member_id, line.draft.name) for line in lines] == [
        (2, "m-1", "Änne"),
        (3, "m-2", "Bo"),
    ]


@pytest.mark.parametrize("said", ["sep=;\r\n", "SEP=;\n", '"sep=;"\r\n', "\r\nsep=;;;\r\n\r\n"])
def test_a_table_may_say_what_separates_its_cells(said: str) -> None:
    [line] = read_table(f"\ufeff{said}member_id;name\r\nm-1;a,b,c,d\r\n")

    assert isinstance(line, MemberLine)
    assert (line.line, line.draft.name) == (2, "a,b,c,d")


def test_a_line_without_any_text_is_passed_over_and_counted_as_spreadsheets_do() -> None:
    lines = list(read_table('member_id,name\n\nm-1,Anna\n,\n"", \nm-2,x,y\n\n'))

    assert [(line.line, line.member_id) for line in lines] == [(3, "m-1"), (6, "m-2")]


@pytest.mark.parametrize("raw", ["Änne".encode("latin-1"), b"\xff\xfe\x00", b"\xff\xfe\x3d\xd8"])
def test_other_encodings_are_refused(raw: bytes) -> None:
    with pytest.raises(BadRequest, match="UTF"):
        decoded(raw)


@pytest.mark.parametrize(
    "profile",
    ["[" * 100_000, '{"a": NaN}', '{"a": "\\ud83d"}', '{"a": 1, "a": 2}', "x" * 200_000, "nul\0"],
)
def test_a_profile_that_would_not_come_back_is_told(profile: str) -> None:
    text = f'member_id,profile\nm-1,"{profile.replace(chr(34), chr(34) * 2)}"\n'

    [line] = read_table(text)

    assert isinstance(line, RefusedLine)
    assert line.line == 2


@pytest.mark.parametrize("start", [*"=+-@", "＝", "'=", "''+"])
def test_no_cell_is_a_formula_and_each_comes_back(start: str) -> None:
    cell = f'{start}HYPERLINK("http://x";"y")'

    text = written([["member_id", "name"], ["m-1", cell]])

    assert text.splitlines()[1].startswith("m-1,\"'")
    assert list(rows_of(text))[1] == ["m-1", cell]


async def test_a_line_that_is_refused_changes_nothing(chain: Chain) -> None:
    await chain.put_member("m-1", True, name="Anna", tags=["vip"])
    before = await chain.call("GET", "/v1/members/m-1")
    await chain.enroll("a", 1, "anna", member_id="m-2")
    table = HEAD + "m-1,Other,,false,,a/nobody\nm-1,Other,,false,,a/anna\nm-3,New,,,,a/anna\n"

    report = await chain.call("POST", "/v1/members.csv", content=table.encode())

    assert [line["line"] for line in report["refused"]] == [2, 3, 4]
    assert await chain.call("GET", "/v1/members/m-1") == before
    assert await chain.refused("GET", "/v1/members/m-3") == (404, "UNKNOWN_MEMBER")


class FewLooks(Deadline):
    """A deadline that has passed when somebody looks at it for the fourth time."""

    def __init__(self) -> None:
        super().__init__(600)
        self._looks = iter((3.0, 2.0, 1.0))

    @property
    def left(self) -> float:
        return next(self._looks, 0.0)


class Taken(list[str]):
    """The ids of the members that were written."""

    async def put_with_faces(
        self,
        member_id: str,
        draft: MemberDraft,
        faces: Sequence[tuple[Store, str]],
        deadline: Deadline,
        *,
        by: str | None = None,
    ) -> bool:
        self.append(member_id)
        return True


async def never() -> bool:
    return False


async def test_an_import_stops_when_its_time_is_over_and_says_where() -> None:
    lines = [f"m-{number},x,,,,\n" for number in range(1, 9)]
    taken = Taken()

    report = await import_members(
        taken,
        StoreMap({}, "1"),
        HEAD + "".join(lines),
        FewLooks(),
        line_seconds=600,
        has_left=never,
    )

    assert taken == ["m-1", "m-2", "m-3"]
    assert (report.created, report.next_line) == (3, 5)
    assert report.stopped == "the time of one request is over"


async def test_the_time_of_an_import_is_that_of_a_request(tmp_path: Path) -> None:
    async with running(tmp_path, stores=("a",), settings={"request_seconds": 1e-9}) as chain:
        report = await chain.call(
            "POST", "/v1/members.csv", content=(HEAD + "m-1,x,,,,\n").encode()
        )

    assert (report["created"], report["next_line"]) == (0, 2)
    assert report["stopped"]


async def test_an_import_stops_when_its_sender_has_left(chain: Chain) -> None:
    lines = "".join(f"m-{number:05},x,,,,\n" for number in range(5000)).encode()
    body = HEAD.encode() + lines
    _, writer = await asyncio.open_connection("127.0.0.1", chain.gateway.port)
    head = f"POST /v1/members.csv HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n"
    writer.write(head.encode() + body)
    await writer.drain()

    async def count() -> int:
        return len((await chain.http.get("/v1/members.csv")).text.splitlines()) - 1

    async def begun() -> bool:
        return await count() > 0

    await until(begun)
    writer.transport.abort()
    counts = [-1, await count()]
    while counts[-1] != counts[-2]:
        counts.append(await count())

    assert 0 < counts[-1] < 5000
