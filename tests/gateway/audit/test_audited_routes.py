"""Every route says whether it is in the audit trail, and who asks for it is told there."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from contract.text.access_key import KeyText
from gateway.access.route_roles import NEEDS
from gateway.app import create_app
from gateway.audit.audited_routes import AUDITED, NOT_AUDITED
from gateway.record.access.sessions import all_sessions
from gateway.record.database import Database
from gateway.settings import GatewaySettings
from tests.gateway.access.keyring import bearer, key, put_keys
from tests.gateway.audit.reading import check, entries, lines_of
from tests.project import ROOT

PAGE = (ROOT / "docs" / "audit.md").read_text(encoding="utf-8")
ADDRESS = "10.0.0.7"


class Asker:
    """Asks an application in this process, from another machine as it seems."""

    def __init__(self, http: httpx.AsyncClient, folder: Path, admin: KeyText, till: KeyText):
        self.http, self.folder, self.admin, self.till = http, folder, admin, till


@asynccontextmanager
async def asking(tmp_path: Path) -> AsyncIterator[Asker]:
    """Run a gateway before a shard that does not answer."""
    (tmp_path / "stores.yaml").write_text("store-a: 127.0.0.1:9\n")
    admin, stored = key("admin")
    till, limited = key("till", ["store-a"])
    await put_keys(tmp_path, [stored, limited])
    app = create_app(
        GatewaySettings(stores=tmp_path / "stores.yaml", data=tmp_path, keys="required")
    )
    transport = httpx.ASGITransport(app, client=(ADDRESS, 1))
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://gateway") as http,
    ):
        http.headers.update(bearer(admin))
        yield Asker(http, tmp_path, admin, till)


@pytest.fixture
async def asker(tmp_path: Path) -> AsyncIterator[Asker]:
    async with asking(tmp_path) as asker:
        yield asker


def test_every_route_says_whether_it_is_audited() -> None:
    assert set(NEEDS) == {*AUDITED, *NOT_AUDITED}
    assert not AUDITED.keys() & NOT_AUDITED.keys()
    assert len({audited.action for audited in AUDITED.values()}) == len(AUDITED)


def test_the_page_says_what_is_audited() -> None:
    expected = [f"| `{audited.action}` | `{route}` |" for route, audited in AUDITED.items()]

    written = re.findall(r"^\| `[a-z_.]+` \| `[A-Z]+ /.*$", PAGE, re.MULTILINE)

    assert written == expected, "\n".join(expected)


async def test_every_audited_route_is_told_with_who_whom_when_and_from_where(asker: Asker) -> None:
    asked = {}
    for number, (route, audited) in enumerate(AUDITED.items()):
        if audited.says_when:  # by who is let in there: see below
            continue
        method, template = route.split(" ", 1)
        path = template.replace("{store}", "store-a").replace("{key}", "fg_00000000")
        path = path.replace("{member_id}", f"m-{number}").replace("{face_id}", f"f-{number}")
        path = re.sub(r"\{\w+\}", "1", path)
        sent = "HEAD" if path.endswith("/live") else method  # which would go on for ever
        headers = {"X-Request-ID": f"r-{number}"}
        query = {"writer": "w"} if path.endswith("/chain") else {}
        answer = await asker.http.request(sent, path, headers=headers, params=query)
        asked[f"r-{number}"] = (audited, template, answer.status_code)

    told = lines_of(asker.folder / "audit.jsonl")
    named = {
        (entry["request_id"], entry["status"]): entry["subjects"]
        for entry in await entries(asker.http)
    }

    assert check(told).faults == {}
    for request_id, (audited, template, status) in asked.items():
        mine = [entry for entry in told if entry["request_id"] == request_id]
        mine = [entry for entry in mine if entry["action"] != "visitors.look"]  # what it came to
        expected = [None, status] if audited.changes else [status]
        assert [entry["status"] for entry in mine] == expected, (template, mine)
        for entry in mine:
            assert entry["action"] == audited.action
            assert (entry["who"], entry["role"]) == (asker.admin.id, "admin")
            assert (entry["address"], entry["at"][:2]) == (ADDRESS, "20")
            assert (entry["store"] == "store-a") == ("{store}" in template)
            suffix = request_id.removeprefix("r-")
            assert f"m-{suffix}" not in str(entry)
            if audited.action in {"audit.search", "face.erase"}:  # not listed; named by a receipt
                continue
            subjects = [each["id"] for each in named[request_id, entry["status"]]]
            assert (f"m-{suffix}" in subjects) == ("{member_id}" in template)
            assert (f"f-{suffix}" in subjects) == ("{face_id}" in template)


async def test_what_is_not_audited_is_not_told(asker: Asker) -> None:
    before = lines_of(asker.folder / "audit.jsonl")
    for path in ("/v1/cluster", "/v1/stores/store-a/traffic", "/members", "/healthz", "/v1/none"):
        await asker.http.get(path)
    await asker.http.post("/v1/stores/store-a/recognize", content=b"x")

    assert lines_of(asker.folder / "audit.jsonl") == before


async def test_who_is_refused_is_told_once_for_many(tmp_path: Path) -> None:
    async with asking(tmp_path) as asker:
        till, stranger = bearer(asker.till), bearer(KeyText.new())
        for _ in range(3):
            assert (await asker.http.get("/v1/members/m-1", headers=till)).status_code == 403
            assert (await asker.http.get("/v1/members/m-2", headers=till)).status_code == 403
            assert (await asker.http.get("/v1/members", headers=stranger)).status_code == 401
            assert (await asker.http.get("/v1/cluster", headers=till)).status_code == 403
        assert await entries(asker.http, action="refused") == []

    one, other = (e for e in lines_of(tmp_path / "audit.jsonl") if e["action"] == "refused")
    assert (one["who"], one["status"], one["address"]) == (asker.till.id, 403, ADDRESS)
    assert one["details"] == {"requests": {"member.get": 6}}
    assert (other["who"], other["status"]) == (None, 401)
    assert other["details"] == {"requests": {"member.list": 3}}


async def test_who_signs_in_and_out_is_told_and_who_fails_to_is_counted(tmp_path: Path) -> None:
    async with asking(tmp_path) as asker:
        stranger = KeyText.new()
        for _ in range(3):
            refused = await asker.http.post("/sign-in", data={"key": stranger.text})
            assert refused.status_code == 403
        for given in (asker.till, asker.admin):  # the second ends the session of the first
            assert (await asker.http.post("/sign-in", data={"key": given.text})).status_code == 303
        cookie = str(asker.http.cookies["facegate_session"])
        for _ in range(2):
            assert (await asker.http.post("/sign-out")).status_code == 303

    lines = lines_of(tmp_path / "audit.jsonl")
    told = [entry for entry in lines if entry["action"].startswith("session.")]
    assert [(e["action"], e["who"], e["role"], e["status"]) for e in told] == [
        (action, who.id, role, status)
        for action, who, role in (
            ("session.begin", asker.till, "till"),
            ("session.begin", asker.admin, "admin"),
            ("session.end", asker.admin, "admin"),
        )
        for status in (None, 303)
    ]
    assert {entry["address"] for entry in told} == {ADDRESS}
    first, second, last = (entry["details"] for entry in told[1::2])
    assert second == {"session": last["ended"], "ended": first["session"]}
    [refused_ones] = (entry for entry in lines if entry["action"] == "refused")
    assert (refused_ones["who"], refused_ones["address"]) == (None, ADDRESS)
    assert (refused_ones["status"], refused_ones["details"]) == (
        403,
        {"requests": {"session.begin": 3}},
    )
    assert check(lines).faults == {}
    for secret in (stranger.secret, asker.till.secret, asker.admin.secret, cookie):
        assert secret not in str(lines)


async def test_nobody_signs_in_where_that_cannot_be_told(tmp_path: Path) -> None:
    (tmp_path / "audit.jsonl").symlink_to("/dev/full")
    async with asking(tmp_path) as asker:
        answer = await asker.http.post("/sign-in", data={"key": asker.admin.text})

        assert (answer.status_code, "set-cookie" in answer.headers) == (507, False)
    async with Database.at(None, tmp_path) as database:
        assert await database.read(None, all_sessions, 0) == {}


async def test_a_secret_and_what_is_searched_for_are_not_told(asker: Asker) -> None:
    secret = KeyText.new()
    await asker.http.get(f"/v1/members/{secret.text}")
    await asker.http.get("/v1/members", params={"q": "Anna", "tag": "vip"})
    await asker.http.get("/v1/erasures", params={"member_id": "m-1"})

    single, listed, receipts = await entries(asker.http, who=asker.admin.id)
    assert single["subjects"][0]["id"] == f"{secret.id}_***"
    assert listed["details"] == {"by": ["q"], "tag": "vip", "shown": 0}
    assert receipts["details"] == {"by": ["member_id"], "shown": 0}
