"""How the door answers: over real sockets, with what cameras and browsers send."""

import base64
import json
import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from contract.errors import TooManyFailedKeys
from contract.text.access_key import KeyText
from gateway.access.failed_keys import ADDRESSES, MOST, WINDOW_SECONDS, FailedKeys
from gateway.access.keys import READ_SECONDS
from gateway.record.access.stored_key import StoredKey
from service.json_log import set_up_logging
from tests.gateway.access.keyring import bearer, key, put_keys
from tests.gateway.fake_chain import ANNA, Chain, running
from tests.gateway.fakes import picture

PUSH = "/v1/stores/store-a/cameras/door/push"
RECOGNIZE = "/v1/stores/store-a/recognize"


class Gateway:
    """A chain whose gateway asks for keys, and a key of each kind that tests need."""

    def __init__(self) -> None:
        self.chain: Chain
        self.camera, self._camera = key("camera", ["store-a"])
        self.nameless, self._nameless = key("camera", ["store-a"], names=False)
        self.till, self._till = key("till", ["store-a"])
        self.admin, self._admin = key("admin")

    @property
    def stored(self) -> list[StoredKey]:
        return [self._camera, self._nameless, self._till, self._admin]

    async def post(self, path: str, **given: Any) -> httpx.Response:
        return await self.chain.http.post(path, content=picture(ANNA), **given)


@pytest.fixture
async def gateway(tmp_path: Path) -> AsyncIterator[Gateway]:
    gateway = Gateway()
    await put_keys(tmp_path, gateway.stored)
    async with running(tmp_path, keys="required") as gateway.chain:
        yield gateway


def basic(text: KeyText, user: str = "admin") -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{text.text}".encode()).decode()}


async def test_a_key_comes_in_any_of_the_ways_that_cameras_know(gateway: Gateway) -> None:
    camera = gateway.camera
    answers = [
        await gateway.post(RECOGNIZE, headers=bearer(camera)),
        await gateway.post(RECOGNIZE, headers={"Authorization": f"bearer   {camera.text}"}),
        await gateway.post(RECOGNIZE, headers=basic(camera)),
        await gateway.post(PUSH, headers=basic(camera, "")),
        await gateway.post(f"{PUSH}?token={camera.text}"),
        await gateway.post(f"{PUSH}?track=t&token={camera.text}"),
        await gateway.post(f"{PUSH}/{camera.text}"),
        await gateway.chain.http.put(f"{PUSH}/{camera.text}?frame=1", content=picture(ANNA)),
    ]

    assert [answer.status_code for answer in answers] == [200] * len(answers)


@pytest.mark.parametrize(
    "given",
    ["", "Bearer", "Bearer fg_", "Basic", "Basic !", "Basic eA==", "Digest username=x", "fg_", "é"],
)
async def test_what_is_no_key_is_refused(gateway: Gateway, given: str) -> None:
    answer = await gateway.post(RECOGNIZE, headers={"Authorization": given.encode()})

    assert (answer.status_code, answer.json()["code"]) == (401, "KEY_REFUSED")
    assert answer.headers["www-authenticate"].startswith('Bearer realm="facegate", Basic ')


async def test_a_key_in_the_address_is_for_pushes_alone(gateway: Gateway) -> None:
    for path in (f"{RECOGNIZE}?token={gateway.camera.text}", f"{RECOGNIZE}/{gateway.camera.text}"):
        assert (await gateway.post(path)).status_code == 401


async def test_no_log_and_no_answer_shows_a_key(
    gateway: Gateway, capsys: pytest.CaptureFixture[str]
) -> None:
    set_up_logging("gateway", "DEBUG")
    try:
        camera, wrong = gateway.camera, KeyText.new()
        for text in (camera, wrong, KeyText(camera.id, wrong.secret)):
            of_it = f"/v1/stores/{text.text}/recognize"
            answers = [
                await gateway.post(f"{PUSH}/{text.text}"),
                await gateway.post(f"{PUSH}?token={text.text}&track=%00"),
                await gateway.post(of_it, headers=bearer(camera)),
                await gateway.post(f"/v1/{text.text}?{text.text}", headers=bearer(text)),
                await gateway.post(of_it, headers=bearer(gateway.admin)),
                await gateway.post(f"{RECOGNIZE}?captured_at={text.text}", headers=bearer(camera)),
            ]
            assert all(text.secret not in answer.text for answer in answers)
    finally:
        logging.basicConfig(handlers=[], force=True)

    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    access = [line for line in lines if line["logger"] == "access"]
    assert len(access) == 18
    for text in (camera, wrong):
        assert not any(text.secret in json.dumps(line) for line in lines)
    assert (access[0]["message"], access[0]["key"]) == (f"POST {PUSH} 200", camera.id)
    assert "key" not in access[6]  # of a key that is not valid


async def test_a_refusal_is_counted_and_logged_as_its_route(gateway: Gateway) -> None:
    await gateway.post(RECOGNIZE)
    await gateway.post(RECOGNIZE, headers=bearer(KeyText.new()))
    await gateway.post(RECOGNIZE, headers=bearer(gateway.till))
    await gateway.post("/v1/stores/store-b/recognize", headers=bearer(gateway.camera))

    answer = await gateway.chain.http.get("/metrics", headers=bearer(gateway.admin))

    for reason in ("no_key", "not_valid", "role", "store"):
        assert f'facegate_keys_refused_total{{reason="{reason}"}} 1.0' in answer.text
    route = 'method="POST",route="/v1/stores/{store}/recognize",status="401"'
    assert f"facegate_requests_total{{{route}}} 2.0" in answer.text


async def test_who_brings_wrong_keys_is_slowed_down_and_nobody_else(gateway: Gateway) -> None:
    for _ in range(MOST):
        assert (await gateway.post(RECOGNIZE, headers=bearer(KeyText.new()))).status_code == 401

    answer = await gateway.post(RECOGNIZE, headers=bearer(KeyText.new()))

    assert (answer.status_code, answer.json()["code"]) == (429, "TOO_MANY_FAILED_KEYS")
    assert int(answer.headers["retry-after"]) == WINDOW_SECONDS
    assert (await gateway.post(RECOGNIZE)).status_code == 401
    assert (await gateway.post(RECOGNIZE, headers=bearer(gateway.camera))).status_code == 200


def test_wrong_keys_are_forgotten_after_a_while_and_take_no_more_room_than_that() -> None:
    seconds = 0.0
    failed = FailedKeys(lambda: seconds)
    for _ in range(MOST):
        failed.note("10.0.0.1")
    with pytest.raises(TooManyFailedKeys):
        failed.note("10.0.0.1")
    seconds = WINDOW_SECONDS
    failed.note("10.0.0.1")

    for number in range(ADDRESSES + 100):
        failed.note(str(number))

    assert len(failed._counts) == ADDRESSES


async def test_a_camera_without_names_is_not_told_who_somebody_is(gateway: Gateway) -> None:
    query = {"candidates": 3, "camera": "door", "frame": "1"}
    told = await gateway.post(RECOGNIZE, params=query, headers=bearer(gateway.camera))
    untold = await gateway.post(RECOGNIZE, params=query, headers=bearer(gateway.nameless))

    [face], [hidden] = told.json()["faces"], untold.json()["faces"]
    assert (face["face_id"], face["kind"]) == ("anna", "member")
    who = ("face_id", "kind", "member", "candidates")
    assert [hidden[name] for name in who] == [None] * 4
    assert "anna" not in untold.text
    assert {k: v for k, v in hidden.items() if k not in who} == {
        k: v for k, v in face.items() if k not in who
    }


async def test_cameras_alone_are_asked_for_user_and_password(gateway: Gateway) -> None:
    """A browser would show a window of its own, and send the key with everything from then on."""
    by_page = {"Origin": str(gateway.chain.http.base_url).rstrip("/")}
    for answer, basic_too in (
        (await gateway.post(RECOGNIZE), True),
        (await gateway.post(PUSH), True),
        (await gateway.post(RECOGNIZE, headers=by_page), False),
        (await gateway.chain.http.get("/v1/stores/store-a/present"), False),
        (await gateway.chain.http.get("/cluster/now"), False),
    ):
        assert answer.status_code == 401
        assert ("Basic" in answer.headers["www-authenticate"]) == basic_too


async def test_a_key_as_the_password_opens_pages(gateway: Gateway) -> None:
    page = await gateway.chain.http.get("/till/store-a", headers=basic(gateway.till))

    assert page.status_code == 200


async def test_a_feed_ends_when_its_key_is_revoked(gateway: Gateway) -> None:
    http = gateway.chain.http
    async with http.stream("GET", "/v1/stores/store-a/live", headers=bearer(gateway.till)) as feed:
        lines = feed.aiter_lines()
        await anext(lines)
        revoked = await http.delete(f"/v1/keys/{gateway.till.id}", headers=bearer(gateway.admin))
        assert revoked.json()["state"] == "revoked"
        await gateway.post(RECOGNIZE, headers=bearer(gateway.camera))

        rest = [line async for line in lines]

    assert not any("anna" in line for line in rest)


async def test_what_is_open_needs_no_key(gateway: Gateway) -> None:
    for path in ("/healthz", "/readyz", "/static/facegate.css"):
        assert (await gateway.chain.http.get(path)).status_code == 200
        wrong = await gateway.chain.http.get(path, headers=bearer(KeyText.new()))
        assert wrong.status_code == 200


async def test_without_the_setting_all_is_open_but_the_keys(tmp_path: Path) -> None:
    async with running(tmp_path) as chain:
        assert (await chain.http.get("/v1/members")).status_code == 200
        draft = {"name": "x", "role": "admin"}
        for method, path in (("GET", "/v1/keys"), ("POST", "/v1/keys")):
            answer = await chain.http.request(method, path, json=draft)
            assert (answer.status_code, answer.json()["code"]) == (401, "KEY_REQUIRED")
        token = KeyText.new().text
        assert (await chain.http.post(f"{PUSH}/{token}", content=picture())).status_code == 200


async def test_a_gateway_without_an_admin_says_how_to_make_one(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with running(tmp_path, keys="required"):
        [said] = [r for r in caplog.records if "no key of the admin" in r.getMessage()]

    assert "FACEGATE_ADMIN_KEY_FILE" in said.getMessage()
    assert READ_SECONDS <= 2
