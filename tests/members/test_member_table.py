"""Members in and out as CSV: nothing is lost on bad lines, and each is told with its number."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from contract.errors import BadRequest
from contract.member_table import MemberLine, RefusedLine, read_table
from facegate.command import main
from tests.members.chain import Chain

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
    await chain.enrol("a", 1, "anna")
    table = HEAD + "".join([GOOD[0], *BAD, GOOD[1]])

    report = await chain.call("POST", "/v1/members.csv", content=table.encode())

    assert [line["line"] for line in report["refused"]] == list(range(3, 11))
    assert (report["created"], report["updated"]) == (2, 0)
    member = await chain.call("GET", "/v1/members/m-1")
    assert member["name"] == "张三"
    assert member["tags"] == ["tea", "vip"]
    assert member["profile"] == {"points": 120}
    assert member["consent"] == {"cross_store": True}
    assert [face["face_id"] for face in member["faces"]] == ["anna"]


async def test_what_was_exported_can_be_imported_again(chain: Chain) -> None:
    await chain.enrol("a", 1, "anna")
    await chain.call("POST", "/v1/members.csv", content=(HEAD + GOOD[0]).encode())
    await chain.put_member("m-2", False, name='a "quoted", name', tags=["x"])
    await chain.enrol("b", 2, "bo", member_id="m-3")  # nobody has asked this one
    exported = (await chain.http.get("/v1/members.csv")).text

    report = await chain.call("POST", "/v1/members.csv", content=exported.encode())

    assert report == {"created": 0, "updated": 3, "refused": []}
    assert (await chain.http.get("/v1/members.csv")).text == exported
    assert exported.splitlines()[1:] == [
        GOOD[0].rstrip().replace("vip|tea", "tea|vip"),
        'm-2,"a ""quoted"", name",x,false,,',
        "m-3,,,store,,b/bo",
    ]
    member = await chain.call("GET", "/v1/members/m-3")
    assert member["consent"] == {"cross_store": None}


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

    assert imported.exit_code == 1
    assert "line 202: k-200" in imported.output
    assert "249 new, 0 written anew, 1 left out" in imported.output
    assert left_out.read_text().splitlines()[1] == "k-200,x,,perhaps,,"
    assert written.exit_code == 0
    assert len(exported.read_text().splitlines()) == 250
    assert "Name 249" in listed.output
    assert erased.exit_code == 0, erased.output
    assert "complete" in erased.output


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
