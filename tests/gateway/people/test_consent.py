"""Consent: given and withdrawn by one call each, in force at once, kept until the member goes."""

import asyncio
import json
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from facegate import AsyncClient, MemberDraft
from facegate.command import main
from tests.gateway.fake_chain import running as before_fakes
from tests.gateway.people.chain import Chain, everything_in, running

CONSENT = "/v1/members/m-1/consent"


async def test_withdrawing_is_as_short_as_giving_and_counts_at_once(
    chain: Chain, tmp_path: Path
) -> None:
    await chain.put_member("m-1", False, name="Anna")
    await chain.enroll("a", 1, "anna", member_id="m-1")
    assert (await chain.sees("b", 1, mint=False))["match"] == "unknown"

    given = await chain.call("PUT", CONSENT, json={"text": "form-7", "taken_by": "Li Na"})
    assert (await chain.sees("b", 1, mint=False))["match"] == "roaming"
    again = await chain.call("PUT", CONSENT, json={"text": "form-7", "taken_by": "Li Na"})
    withdrawn = await chain.call("DELETE", CONSENT)
    assert (await chain.sees("b", 1, mint=False))["match"] == "unknown"
    no_more = await chain.call("DELETE", CONSENT)

    assert again["consent"] == given["consent"]
    assert (given["name"], given["consent"]["text"]) == ("Anna", "form-7")
    assert no_more["updated_at"] == withdrawn["updated_at"]
    assert withdrawn["consent"]["cross_store"] is False
    [former] = withdrawn["consent"]["former"]
    assert (former["at"], former["taken_by"]) == (given["consent"]["at"], "Li Na")
    export = await chain.call("GET", "/v1/members/m-1/export")
    assert export["member"]["consent"] == withdrawn["consent"]
    stale = {"If-Match": f'"{given["updated_at"]}"'}  # a form that was open meanwhile
    draft = {"name": "Anna", "consent": {"cross_store": True}}
    refused = await chain.refused("PUT", "/v1/members/m-1", json=draft, headers=stale)
    assert refused == (412, "MEMBER_CHANGED")

    await chain.call("DELETE", "/v1/members/m-1", params={"erase": True})

    assert b"form-7" not in everything_in(tmp_path)


async def test_a_table_brings_decisions_to_another_gateway(chain: Chain, tmp_path: Path) -> None:
    await chain.put_member("m-1", False)
    await chain.call("PUT", CONSENT, json={"text": "form-7", "at": "2026-01-02T03:04:05+08:00"})
    await chain.call("DELETE", CONSENT)
    member = await chain.call("PUT", CONSENT, json={"text": "=8", "taken_by": "Bo"})
    table = (await chain.http.get("/v1/members.csv")).text
    other = tmp_path / "other"
    other.mkdir()

    async with running(other) as second:
        report = await second.call("POST", "/v1/members.csv", content=table.encode())
        brought = await second.call("GET", "/v1/members/m-1")
        exported = (await second.http.get("/v1/members.csv")).text

    assert (report["created"], report["refused"]) == (1, [])
    assert brought["consent"] == member["consent"]
    assert exported == table
    assert member["consent"]["former"][0]["at"] == "2026-01-01T19:04:05.000Z"
    await chain.call("DELETE", CONSENT)  # and the table, read again, is older than that
    report = await chain.call("POST", "/v1/members.csv", content=table.encode())
    assert "decided otherwise since" in report["refused"][0]["reason"]
    assert (await chain.call("GET", "/v1/members/m-1"))["consent"]["cross_store"] is False


async def test_who_took_it_is_the_key_where_nobody_says(tmp_path: Path) -> None:
    admin_key = tmp_path / "admin.key"
    settings: dict[str, Any] = {"keys": "required", "admin_key_file": admin_key}
    async with before_fakes(tmp_path, **settings) as chain:
        url = str(chain.http.base_url)
        async with AsyncClient(url, key=admin_key) as client:
            await client.put_member("m-1", MemberDraft(name="Anna"))
            operator = await client.create_key("desk", "operator")

        def run(*arguments: str) -> str:
            environment = {"FACEGATE_KEY": operator.key}
            done = CliRunner().invoke(main, ["members", *arguments, "--url", url], env=environment)
            assert done.exit_code == 0, done.output
            return done.output

        given = await asyncio.to_thread(run, "consent", "m-1", "form-7", "--json")
        withdrawn = await asyncio.to_thread(run, "withdraw", "m-1")

    assert json.loads(given)["consent"]["taken_by"] == operator.id
    assert "m-1: other stores may not find them" in withdrawn
