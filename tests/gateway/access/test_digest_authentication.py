"""Cameras that know HTTP digest authentication alone show that they have their key."""

import asyncio
import hashlib
import shutil
import subprocess
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from contract.text.access_key import KeyText
from gateway.access.digest_authentication import NONCE_SECONDS, DigestAuthentication, digest_answer
from gateway.access.keys import Keys
from gateway.record.access.stored_key import StoredKey
from gateway.record.database import Database
from tests.gateway.access.keyring import HOUR, bearer, key, put_keys
from tests.gateway.fake_chain import ANNA, Chain, running
from tests.gateway.fakes import picture

RECOGNIZE = "/v1/stores/store-a/recognize"


def digest_key(**given: Any) -> tuple[KeyText, StoredKey]:
    text, stored = key("camera", ["store-a"], **given)
    return text, replace(stored, digest_ha1=text.digest_ha1)


class Cameras:
    """A chain, and keys of cameras: one of digest, one that is not, and one that expired."""

    def __init__(self) -> None:
        self.chain: Chain
        self.digest, self._digest = digest_key()
        self.usual, self._usual = key("camera", ["store-a"])
        self.expired, self._expired = digest_key(expires_at=HOUR)
        self.stored = [self._digest, self._usual, self._expired]

    async def ask(self, text: KeyText, user: str | None = None, **more: Any) -> httpx.Response:
        auth = httpx.DigestAuth(user or text.id, text.text)
        path = more.pop("path", RECOGNIZE)
        return await self.chain.http.post(path, content=picture(ANNA), auth=auth, **more)


@pytest.fixture
async def cameras(tmp_path: Path) -> AsyncIterator[Cameras]:
    cameras = Cameras()
    await put_keys(tmp_path, cameras.stored)
    async with running(tmp_path, keys="required") as cameras.chain:
        yield cameras


async def test_a_key_is_shown_and_never_sent(cameras: Cameras) -> None:
    answer = await cameras.ask(cameras.digest, params={"camera": "door"})

    assert answer.status_code == 200, answer.text
    sent = answer.request.headers["Authorization"]
    assert sent.startswith("Digest ")
    assert cameras.digest.secret not in sent
    for other in ("/v1/stores/store-b/recognize", "/v1/stores/store-a/faces"):
        assert (await cameras.ask(cameras.digest, path=other)).status_code == 401, other


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
@pytest.mark.processes
async def test_curl_shows_it_too(cameras: Cameras, tmp_path: Path) -> None:
    (tmp_path / "picture").write_bytes(picture(ANNA))
    user = f"{cameras.digest.id}:{cameras.digest.text}"
    to = str(cameras.chain.http.base_url).rstrip("/") + RECOGNIZE + "?camera=a%20door"
    command = ["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "--digest", "-u", user]
    command += ["--data-binary", f"@{tmp_path / 'picture'}", to]
    said = await asyncio.to_thread(subprocess.check_output, command)

    assert said == b"200"


async def test_who_does_not_have_the_key_is_refused(cameras: Cameras) -> None:
    wrong = KeyText(cameras.digest.id, KeyText.new().secret)
    for text, user in (
        (wrong, None),
        (cameras.usual, None),
        (cameras.expired, None),
        (cameras.digest, "admin"),
    ):
        answer = await cameras.ask(text, user)
        assert (answer.status_code, answer.json()["code"]) == (401, "KEY_REFUSED"), text
    assert (
        await cameras.chain.http.post(RECOGNIZE, headers=bearer(cameras.usual))
    ).status_code != 401


async def test_what_was_sent_once_opens_nothing_else(cameras: Cameras) -> None:
    shown = (await cameras.ask(cameras.digest)).request.headers["Authorization"]

    async def again(path: str, header: str = shown) -> tuple[int, str, str]:
        answer = await cameras.chain.http.post(
            path, content=picture(ANNA), headers={"Authorization": header}
        )
        return answer.status_code, answer.json()["code"], answer.headers["WWW-Authenticate"]

    for _ in range(3):
        once_more = await again(RECOGNIZE)
        assert once_more[:2] == (401, "KEY_REQUIRED"), "the same request once more"
        assert "stale=true" in once_more[2], "a camera takes the next nonce by itself"
    assert (await again(f"{RECOGNIZE}?camera=till"))[:2] == (401, "KEY_REFUSED")
    assert (await again(RECOGNIZE, shown.replace('nonce="', 'nonce="0')))[1] == "KEY_REQUIRED"
    for header in ("Digest", "Digest ,,,", 'Digest username="x"', "Digest =", "Digest a=1, a"):
        assert (await again(RECOGNIZE, header))[1] == "KEY_REFUSED", header


@pytest.mark.parametrize("count", ["zzzzzzzz", "1", "-0000001", "²²²²²²²²", ""])
async def test_what_is_no_count_is_refused(cameras: Cameras, count: str) -> None:
    given = cameras.digest
    challenge = (await cameras.chain.http.post(RECOGNIZE)).headers["WWW-Authenticate"]
    nonce = challenge.partition('nonce="')[2].partition('"')[0]
    asked = hashlib.md5(f"POST:{RECOGNIZE}".encode()).hexdigest()
    parts = (given.digest_ha1.hex(), nonce, count, "x", "auth", asked)
    response = hashlib.md5(":".join(parts).encode("latin-1")).hexdigest()
    told = {"username": given.id, "realm": "facegate", "nonce": nonce, "uri": RECOGNIZE}
    told |= {"response": response, "qop": "auth", "nc": count, "cnonce": "x"}
    header = "Digest " + ", ".join(f'{name}="{value}"' for name, value in told.items())

    answer = await cameras.chain.http.post(
        RECOGNIZE, headers={b"Authorization": header.encode("latin-1")}, content=picture(ANNA)
    )

    assert (answer.status_code, answer.json()["code"]) == (401, "KEY_REFUSED"), answer.text


def test_an_old_nonce_is_told_to_be_stale(tmp_path: Path) -> None:
    seconds = 0.0
    digest = DigestAuthentication(Keys(Database.at(None, tmp_path)), lambda: seconds)
    nonce = digest.challenge({"headers": []}).partition('nonce="')[2].rstrip('"')
    asked = {"headers": [(b"authorization", f'Digest nonce="{nonce}"'.encode())]}

    assert digest_answer(asked) == {"nonce": nonce}
    assert nonce not in digest.challenge({"headers": []}), "of the same second"
    assert "stale" not in digest.challenge(asked)
    seconds = NONCE_SECONDS
    assert "stale=true" in digest.challenge(asked)


async def test_stores_without_such_a_key_are_not_asked_for_digest(cameras: Cameras) -> None:
    for store, asked in (("store-a", True), ("store-b", False)):
        answer = await cameras.chain.http.post(f"/v1/stores/{store}/recognize")
        assert ("Digest" in str(answer.headers.get_list("WWW-Authenticate"))) is asked
