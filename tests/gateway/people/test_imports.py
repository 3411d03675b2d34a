"""Imports as jobs: checked before anything is written, written whole, audited once."""

from pathlib import Path
from typing import Any

from contract.messages.imports.import_job import FINAL
from tests.gateway.audit.reading import entries
from tests.gateway.fake_chain import until
from tests.gateway.people.chain import Chain, everything_in

HEAD = "member_id,name,tags,cross_store,profile,faces,consent_at,consent_text,consent_by\n"


def table(lines: int, name: str = "Name") -> bytes:
    rows = [f"k-{n},{name} {n},,true,,,,,\n" for n in range(lines)]
    return (HEAD + "".join(rows)).encode()


async def ended(chain: Chain, job: str) -> dict[str, Any]:
    """Return an import once it has come to its end."""
    found: dict[str, Any] = {}

    async def is_over() -> bool:
        found.update(await chain.call("GET", f"/v1/imports/{job}"))
        return found["state"] in FINAL

    await until(is_over)
    return found


async def imported(chain: Chain, body: bytes, **query: Any) -> dict[str, Any]:
    job = await chain.call("POST", "/v1/imports", 202, params=query, content=body)
    return await ended(chain, job["id"])


async def exported(chain: Chain) -> str:
    return (await chain.http.get("/v1/members.csv")).text


async def test_a_table_in_parts_is_written_and_audited_once(chain: Chain) -> None:
    await chain.enroll("a", 1, "anna")
    await chain.put_member("k-7", False, name="Before")
    body = table(200) + b"m-1,Anna,vip,true,,a/anna,2026-01-01T00:00:00Z,form-7,Li Na\n"
    cut = len(body) // 2

    job = await chain.call("POST", "/v1/imports", 202, params={"more": True}, content=body[:cut])
    assert (job["state"], job["parts"]) == ("receiving", 1)
    assert await chain.refused("POST", "/v1/imports", content=body) == (409, "IMPORT_RUNNING")
    for _ in range(2):  # the second time it is there already
        path = f"/v1/imports/{job['id']}/parts"
        await chain.call("POST", path, 202, params={"part": 2}, content=body[cut:])
    done = await ended(chain, job["id"])

    assert (done["state"], done["lines"], done["written"]) == ("done", 201, 201)
    assert (done["created"], done["updated"], done["refused"]) == (200, 1, 0)
    anna = await chain.call("GET", "/v1/members/m-1")
    assert [face["face_id"] for face in anna["faces"]] == ["anna"]
    assert (anna["consent"]["text"], anna["consent"]["taken_by"]) == ("form-7", "Li Na")
    assert (await chain.sees("b", 1, mint=False))["match"] == "roaming"
    [listed] = (await chain.call("GET", "/v1/imports"))["imports"]
    assert listed == done
    told: list[dict[str, Any]] = []
    while not told:  # when it has ended
        told = await entries(chain.http, action="import.end")
    assert [(one["details"]["job"], one["details"]["created"]) for one in told] == [
        (job["id"], 200)
    ]
    assert len(await entries(chain.http, action="member.put")) == 2  # before it, by hand
    refused = await chain.refused("DELETE", f"/v1/imports/{job['id']}")
    assert refused == (409, "IMPORT_ENDED")


async def test_wrong_lines_refuse_the_table_or_are_left_out(chain: Chain) -> None:
    await chain.put_member("k-1", False, name="Before")
    await chain.enroll("a", 1, "anna", member_id="m-1")
    before = await exported(chain)
    body = table(3) + b"w-1,x,,perhaps,,,,,\nw-2,x,,,,a/nobody,,,\nw-3,x,,,,x/anna,,,\n"

    refused = await imported(chain, body)
    no_table = await imported(chain, b"name\nx\n")
    # Found when it is written: the FaceId is another member's.
    late = await imported(chain, table(3) + b"w-4,x,,,,a/anna,,,\n")

    assert [refused["state"], no_table["state"], late["state"]] == ["refused"] * 3
    assert [line["line"] for line in refused["refused_lines"]] == [5, 6, 7]
    assert "member_id" in no_table["reason"]
    assert [line["member_id"] for line in late["refused_lines"]] == ["w-4"]
    assert await exported(chain) == before
    partial = await imported(chain, body + b"w-4,x,,,,a/anna,,,\n", partial=True)
    assert (partial["state"], partial["created"], partial["updated"]) == ("done", 2, 1)
    assert (partial["refused"], partial["written"]) == (4, 7)


async def test_an_erased_member_is_in_nothing_that_an_import_keeps(
    chain: Chain, tmp_path: Path
) -> None:
    await chain.put_member("k-1", False, name="Zoë Ångström")
    await imported(chain, table(3, "Other"))
    await chain.call("DELETE", "/v1/members/k-1", params={"erase": True})

    async def is_gone() -> bool:
        found = everything_in(tmp_path)
        return "Zoë Ångström".encode() not in found and b"Other 1" not in found

    await until(is_gone)
