"""Webhooks from outside: how they are configured, and a gateway that is killed in between."""

import asyncio
import contextlib
import re
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from standardwebhooks import WebhookVerificationError

from contract.text.webhook_secret import signing_key
from gateway.record.database import Database
from tests import plain_http
from tests.gateway.fake_chain import ANNA, Chain, running, until
from tests.gateway.fakes import FakeShard
from tests.gateway.happenings import arrival
from tests.gateway.receiver import Receiver, hangs
from tests.gateway.test_process import process
from tests.project import ROOT

SECRET = "a secret that both sides know"


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    await receiver.start()
    yield receiver
    await receiver.stop()


@pytest.fixture
async def chain(tmp_path: Path, receiver: Receiver) -> AsyncIterator[Chain]:
    async with running(tmp_path, webhook_hosts=f"erp.example, {receiver.host}") as chain:
        yield chain


async def test_a_secret_that_is_made_is_shown_once(chain: Chain, receiver: Receiver) -> None:
    made = (await chain.http.put("/v1/webhooks/erp", json={"url": receiver.url})).json()
    again = (await chain.http.put("/v1/webhooks/erp", json={"url": receiver.url})).json()
    listed = (await chain.http.get("/v1/webhooks")).json()["webhooks"]

    assert len(signing_key(made["secret"])) == 32
    assert made["secret"].startswith("whsec_")
    assert again == listed[0] == {**made, "secret": "***"}


async def test_a_secret_that_is_given_is_never_shown(chain: Chain, receiver: Receiver) -> None:
    given = {"url": receiver.url, "secret": SECRET, "store": "store-a"}

    put = await chain.http.put("/v1/webhooks/erp", json=given)

    assert put.status_code == 200
    assert SECRET not in put.text
    assert put.json()["store"] == "store-a"


@pytest.mark.parametrize(
    ("given", "status", "code"),
    [
        ({"url": "http://10.0.0.1/"}, 403, "WEBHOOK_HOST"),
        ({"url": "http://127.0.0.1:1/"}, 403, "WEBHOOK_HOST"),
        ({"url": "http://erp.example@10.0.0.1/"}, 403, "WEBHOOK_HOST"),
        ({"url": "http://me:pw@erp.example/"}, 403, "WEBHOOK_HOST"),
        ({"url": "file:///etc/passwd"}, 422, "INVALID_PARAMETER"),
        ({"url": "https://erp.example/", "secret": "short"}, 422, "INVALID_PARAMETER"),
        (
            {"url": "https://erp.example/", "secret": "whsec_cHcgb2YgMTMgYnl0ZXM="},
            422,
            "INVALID_PARAMETER",
        ),
        (
            {"url": "https://erp.example/", "secret": "whsec_pw: not base64 at all"},
            422,
            "INVALID_PARAMETER",
        ),
        ({"url": "https://erp.example/", "store": "store-x"}, 404, "UNKNOWN_STORE"),
    ],
)
async def test_what_cannot_be_a_webhook_is_refused(
    chain: Chain, given: dict[str, str], status: int, code: str
) -> None:
    answer = await chain.http.put("/v1/webhooks/erp", json=given)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert "pw" not in answer.text
    assert "cHc" not in answer.text
    assert (await chain.http.get("/v1/webhooks")).json() == {"webhooks": []}


async def test_the_documented_verifier_believes_what_is_sent(
    chain: Chain, receiver: Receiver
) -> None:
    documented = (ROOT / "docs/live.md").read_text(encoding="utf-8")
    [verifier] = re.findall("```python\n(.*?Webhook.*?)```", documented, re.DOTALL)
    made = (await chain.http.put("/v1/webhooks/erp", json={"url": receiver.url})).json()
    await chain.recognize("store-a", ANNA)
    await until(lambda: receiver.got)
    body, headers = receiver.requests[0]
    names = {"secret": made["secret"], "body": body, "headers": headers}

    exec(verifier, names)

    assert names["event"] == receiver.got[0]
    with pytest.raises(WebhookVerificationError):
        exec(verifier, {**names, "body": body.replace(b"store-a", b"store-b")})


async def test_a_host_that_is_allowed_may_have_any_port_when_none_is_named(chain: Chain) -> None:
    answer = await chain.http.put("/v1/webhooks/erp", json={"url": "https://ERP.example/hook"})

    assert answer.status_code == 200


async def test_a_deleted_webhook_is_unknown(chain: Chain, receiver: Receiver) -> None:
    await chain.http.put("/v1/webhooks/erp", json={"url": receiver.url})

    statuses = [(await chain.http.delete("/v1/webhooks/erp")).status_code for _ in range(2)]

    assert statuses == [200, 404]
    assert (await chain.http.get("/v1/webhooks/erp")).json()["code"] == "UNKNOWN_WEBHOOK"


async def test_a_gateway_killed_in_the_middle_loses_nothing(
    tmp_path: Path, postgresql_url: str
) -> None:
    shard, receiver = FakeShard("store-a"), Receiver(SECRET)
    await shard.start()
    await receiver.start()
    stores = tmp_path / "stores.yaml"
    stores.write_text(f"store-a: {shard.address}\n", encoding="utf-8")
    settings = {
        "record_url": postgresql_url,
        "webhook_hosts": receiver.host,
        "drain_seconds": 0,
    }
    async with Database.at(postgresql_url, tmp_path) as record:
        async with process(stores, **settings) as (url, gateway):
            async with plain_http.AsyncClient(base_url=url) as http:
                given = {"url": receiver.url, "secret": SECRET}
                assert (await http.put("/v1/webhooks/erp", json=given)).status_code == 200
            receiver.faults += [hangs]
            now = round(time.time() * 1000)
            seqs = [await record.write(None, arrival, "store-a", now + n) for n in range(10)]
            await until(lambda: receiver.asked == 1)
            gateway.kill()
            await asyncio.to_thread(gateway.wait)
        async with process(stores, **settings):
            await until(lambda: len(receiver.got) >= 10)

    assert sorted(set(receiver.seqs)) == receiver.seqs == seqs
    assert receiver.wrong == []
    with contextlib.suppress(asyncio.CancelledError):
        await receiver.stop()
    await shard.stop()
