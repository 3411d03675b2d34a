"""Signing in to the pages: over real sockets, as browsers do, and in the record."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from contract.deadline import Deadline
from contract.errors import KeyRefused
from contract.text.access_key import KeyText
from gateway.access.failed_keys import MOST
from gateway.access.keys import Keys
from gateway.access.request_rates import SIGN_INS
from gateway.access.sessions import Sessions, caller_in
from gateway.record.access.sessions import MOST_OF_ONE, note_session_uses
from gateway.record.database import Database
from tests.gateway.access.keyring import HOUR, bearer, key, put_keys
from tests.gateway.fake_chain import ANNA, Chain, running, until
from tests.gateway.fakes import picture

PAGE = {"Accept": "text/html"}
POS = "https://pos.example.com"


class People:
    """A gateway that asks for keys, and people who have some."""

    def __init__(self) -> None:
        self.chain: Chain
        self.till, self._till = key("till", ["store-a"], name="West till")
        self.admin, self._admin = key("admin")
        self.stored = [self._till, self._admin]

    @property
    def url(self) -> str:
        return str(self.chain.http.base_url).rstrip("/")

    async def sign_in(self, given: KeyText, **more: Any) -> httpx.Response:
        headers = {"Origin": self.url, **more.pop("headers", {})}
        answer = await self.chain.http.post(
            "/sign-in", data={"key": given.text, **more}, headers=headers
        )
        self.chain.http.cookies.clear()
        return answer

    async def cookie(self, given: KeyText) -> dict[str, str]:
        """Return the header of a browser that has signed in."""
        return cookie_of(await self.sign_in(given))


def cookie_of(answer: httpx.Response) -> dict[str, str]:
    return {"Cookie": answer.headers["set-cookie"].partition(";")[0]}


@pytest.fixture
async def people(tmp_path: Path) -> AsyncIterator[People]:
    people = People()
    await put_keys(tmp_path, people.stored)
    async with running(tmp_path, keys="required", cors_origins=POS) as people.chain:
        yield people


async def test_who_has_a_key_signs_in_and_out(people: People) -> None:
    http = people.chain.http
    asked = await http.get("/till/store-a?x=1", headers=PAGE)
    assert (asked.status_code, asked.headers["location"]) == (
        303,
        "/sign-in?back=%2Ftill%2Fstore-a%3Fx%3D1",
    )
    assert "www-authenticate" not in asked.headers
    form = await http.get(asked.headers["location"])
    [back] = re.findall(r'<input type="hidden" name="back" value="([^"]+)">\s*<label', form.text)

    signed_in = await people.sign_in(people.till, back=back)

    assert (signed_in.status_code, signed_in.headers["location"]) == (303, "/till/store-a?x=1")
    attributes = signed_in.headers["set-cookie"].split("; ")[1:]
    assert sorted(attributes) == ["HttpOnly", "Path=/", "SameSite=strict"]
    cookie = cookie_of(signed_in)
    shown = await http.get("/till/store-a", headers=PAGE | cookie)
    assert (shown.status_code, "West till" in shown.text) == (200, True)
    other = await http.get("/till/store-b", headers=PAGE | cookie)
    assert (other.status_code, "NOT_FOR_STORE" in other.text) == (403, True)
    assert (await http.get("/v1/members", headers=cookie)).json()["code"] == "NOT_FOR_ROLE"

    signed_out = await http.post("/sign-out", headers={"Origin": people.url} | cookie)

    assert (signed_out.status_code, signed_out.headers["location"]) == (303, "/sign-in")
    again = await http.get("/till/store-a", headers=PAGE | cookie)
    assert (again.status_code, again.headers["location"]) == (
        303,
        "/sign-in?back=%2Ftill%2Fstore-a",
    )
    refused = await http.get("/v1/stores/store-a/present", headers=cookie)
    assert (refused.status_code, refused.json()["code"]) == (401, "KEY_REQUIRED")
    assert refused.headers["www-authenticate"] == 'Bearer realm="facegate"'


async def test_by_https_the_cookie_is_of_this_host_alone(people: People) -> None:
    for proof in (
        {"X-Forwarded-Proto": "https"},
        {"Origin": people.url.replace("http:", "https:")},
    ):
        answer = await people.sign_in(people.till, headers=proof)

        name, *attributes = answer.headers["set-cookie"].split("; ")
        assert name.startswith("__Host-facegate_session=")
        assert sorted(attributes) == ["HttpOnly", "Path=/", "SameSite=strict", "Secure"]
    http, by_https = people.chain.http, PAGE | {"X-Forwarded-Proto": "https"}
    assert (await http.get("/", headers=by_https | cookie_of(answer))).status_code == 200
    plain = await people.cookie(people.till)  # which another host may have set for all of them
    assert (await http.get("/", headers=by_https | plain)).status_code == 303


async def test_a_session_that_somebody_planted_is_not_taken_over(people: People) -> None:
    planted = await people.cookie(people.till)
    made_up = {"Cookie": "facegate_session=" + "x" * 43}

    for before in (planted, made_up):
        after = cookie_of(await people.sign_in(people.admin, headers=before))

        assert after != before
        assert (await people.chain.http.get("/", headers=PAGE | before)).status_code == 303
        assert (await people.chain.http.get("/", headers=PAGE | after)).status_code == 200


@pytest.mark.parametrize("back", ["//evil.example", "https://evil.example", "/\\evil.example", ""])
async def test_nobody_is_led_elsewhere(people: People, back: str) -> None:
    answer = await people.sign_in(people.till, back=back)

    assert answer.headers["location"] == "/"


async def test_wrong_keys_are_counted_and_slowed_down(people: People) -> None:
    stranger = KeyText.new()
    for _ in range(MOST):
        refused = await people.sign_in(stranger, headers=PAGE)
        assert (refused.status_code, "set-cookie" in refused.headers) == (403, False)
        assert stranger.secret not in refused.text

    slowed = await people.sign_in(stranger, headers=PAGE)

    assert (slowed.status_code, "TOO_MANY_FAILED_KEYS" in slowed.text) == (429, True)
    assert (await people.sign_in(people.till)).status_code == 303
    metrics = (await people.chain.http.get("/metrics", headers=bearer(people.admin))).text
    assert f'facegate_keys_refused_total{{reason="not_valid"}} {MOST + 1}.0' in metrics


async def test_one_address_does_not_sign_in_for_ever(people: People) -> None:
    answers: list[httpx.Response] = []
    while not answers or (answers[-1].status_code == 404 and len(answers) < 10 * SIGN_INS):
        answers.append(await people.chain.http.get("/sign-in/openid"))  # nobody vouches here

    assert answers[-1].status_code == 429
    assert len(answers) > SIGN_INS
    assert int(answers[-1].headers["retry-after"]) == 1
    assert (await people.chain.http.get("/sign-in", headers=PAGE)).status_code == 200
    assert (await people.chain.http.get("/healthz")).status_code == 200


async def test_who_signed_in_changes_things_by_our_own_pages_alone(people: People) -> None:
    cookie = await people.cookie(people.admin)
    member = {"name": "Ann"}

    for headers, status in (
        ({}, 403),  # what no browser of today sends
        ({"Origin": POS}, 403),  # may ask, but not in the name of who is signed in here
        ({"Origin": POS, "Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": people.url}, 201),
        ({"Origin": people.url, "Sec-Fetch-Site": "same-origin"}, 200),
    ):
        answer = await people.chain.http.put(
            "/v1/members/m-1", json=member, headers=cookie | headers
        )
        assert answer.status_code == status, headers
        if status == 403:
            assert answer.json()["code"] == "FOREIGN_PAGE"
            gone = await people.chain.http.get("/v1/members/m-1", headers=cookie)
            assert gone.status_code == 404


async def test_the_admin_sees_and_ends_all_sessions_and_others_their_own(people: People) -> None:
    http = people.chain.http
    first, second = [await people.cookie(people.till) for _ in range(2)]
    of_admin = await people.cookie(people.admin)
    own_page = {"Origin": people.url}

    async def sessions(headers: dict[str, str]) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await http.get("/v1/sessions", headers=headers)).json()[
            "sessions"
        ]
        return found

    everybodys = await sessions(of_admin)
    assert [each["key_id"] for each in everybodys] == [
        people.admin.id,
        people.till.id,
        people.till.id,
    ]
    assert [each["asks"] for each in everybodys] == [True, False, False]
    assert {each["address"] for each in everybodys} == {"127.0.0.1"}
    assert all(each["last_used_at"] >= each["created_at"] for each in everybodys)
    own = await sessions(second)
    assert [(each["id"], each["asks"]) for each in own] == [
        (everybodys[1]["id"], True),
        (everybodys[2]["id"], False),
    ]
    assert [each["asks"] for each in await sessions(bearer(people.till))] == [False, False]
    for cookie in (first, second, of_admin):  # what is shown opens nothing
        assert cookie["Cookie"].partition("=")[2] not in str(everybodys)
    shown = {"Cookie": f"facegate_session={own[0]['id']}"}
    assert (await http.get("/v1/sessions", headers=shown)).status_code == 401

    others = await http.delete(f"/v1/sessions/{everybodys[0]['id']}", headers=second | own_page)
    assert (others.status_code, others.json()["code"]) == (404, "UNKNOWN_SESSION")
    assert (await http.get("/", headers=PAGE | of_admin)).status_code == 200
    path = f"/v1/sessions/{own[1]['id']}"
    assert (await http.delete(path, headers=second)).json()["code"] == "FOREIGN_PAGE"
    assert (await http.delete(path, headers=second | own_page)).json()["id"] == own[1]["id"]
    assert (await http.get("/", headers=PAGE | first)).status_code == 303
    by_admin = await http.delete(f"/v1/sessions/{own[0]['id']}", headers=bearer(people.admin))
    assert by_admin.json()["name"] == "West till"
    assert (await http.get("/", headers=PAGE | second)).status_code == 303
    assert len(await sessions(of_admin)) == 1


@pytest.mark.parametrize("end", ["sign out", "revoke"])
async def test_a_feed_ends_when_its_session_does(people: People, end: str) -> None:
    http = people.chain.http
    cookie = await people.cookie(people.till)
    async with http.stream("GET", "/v1/stores/store-a/live", headers=cookie) as feed:
        lines = feed.aiter_lines()
        await anext(lines)
        if end == "revoke":
            await http.delete(f"/v1/keys/{people.till.id}", headers=bearer(people.admin))
        else:
            await http.post("/sign-out", headers=cookie | {"Origin": people.url})
        await http.post(
            "/v1/stores/store-a/recognize", content=picture(ANNA), headers=bearer(people.admin)
        )

        rest = [line async for line in lines]

    assert not any(line.startswith("event") for line in rest)


async def test_sessions_are_kept_as_digests_and_end_by_age_and_with_their_key(
    database: Database,
) -> None:
    moment = [5 * HOUR]
    keys = Keys(database, lambda: moment[0])
    text, stored = key("manager", ["store-a"], created_at=0, expires_at=9 * HOUR)
    other, lasting = key("manager", created_at=0)
    for one in (stored, lasting):
        await keys.add(one)
    here, there = (Sessions(database, keys, 12, lambda: moment[0]) for _ in range(2))
    deadline = Deadline(30)

    of_stores = await here.begin_with_key(text.text, deadline)
    everywhere = await here.begin_with_key(other.text, deadline)

    found = await there.find(of_stores)  # at once, without waiting for its next look
    assert found is not None
    assert (found.key_id, found.stores) == (text.id, frozenset({"store-a"}))
    rows = await database.read(None, lambda c: c.execute(sa.text("SELECT * FROM sessions")).all())
    assert len(rows) == 2
    assert not any(of_stores in str(row) or everywhere in str(row) for row in rows)
    with pytest.raises(KeyRefused):
        await here.begin_with_key(KeyText.new().text, deadline)
    moment[0] = 9 * HOUR
    assert await here.find(of_stores) is None
    assert await here.find(everywhere) is not None
    moment[0] = 17 * HOUR
    assert await here.find(everywhere) is None
    await here.begin_with_key(other.text, deadline)
    kept = await database.read(None, lambda c: c.scalar(sa.text("SELECT count(*) FROM sessions")))
    assert kept == 1  # what has expired is gone


async def test_the_last_use_of_a_session_is_kept(database: Database) -> None:
    moment = [5 * HOUR]
    keys = Keys(database, lambda: moment[0])
    text, stored = key("manager", created_at=0)
    await keys.add(stored)
    here, there = (Sessions(database, keys, 12, lambda: moment[0]) for _ in range(2))
    session_id = await here.begin_with_key(text.text, Deadline(30), address="10.0.0.7")
    moment[0] += HOUR
    found = await here.find(session_id)
    assert found is not None
    await here.uses.tell()
    await database.write(None, note_session_uses, {found.digest: HOUR})  # of long ago

    [seen] = await there.seen_by(caller_in(found), Deadline(30))

    assert (seen.created_at, seen.last_used_at, seen.address) == (5 * HOUR, 6 * HOUR, "10.0.0.7")


async def test_a_session_that_ended_elsewhere_ends_here(database: Database) -> None:
    keys = Keys(database)
    text, stored = key("manager")
    await keys.add(stored)
    here, there = Sessions(database, keys, 12), Sessions(database, keys, 12)
    session_id = await here.begin_with_key(text.text, Deadline(30))
    found = await there.find(session_id)
    assert found is not None
    following = asyncio.create_task(there.run())
    try:
        await here.end(session_id, Deadline(30))
        await until(lambda: not there.is_valid(found.digest))
    finally:
        following.cancel()


@pytest.mark.parametrize("record_url", ["sqlite"], indirect=True)
async def test_who_signs_in_again_and_again_does_not_fill_the_record(database: Database) -> None:
    moment = [HOUR]
    keys = Keys(database, lambda: moment[0])
    text, stored = key("manager", created_at=0)
    await keys.add(stored)
    sessions = Sessions(database, keys, 12, lambda: moment[0])
    first = await sessions.begin_with_key(text.text, Deadline(30))
    for _ in range(MOST_OF_ONE):
        moment[0] += 1
        last = await sessions.begin_with_key(text.text, Deadline(30))

    assert await sessions.find(first) is None
    assert await sessions.find(last) is not None
    kept = await database.read(None, lambda c: c.scalar(sa.text("SELECT count(*) FROM sessions")))
    assert kept == MOST_OF_ONE
