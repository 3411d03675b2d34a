"""Webhooks over a real record and real sockets: signed, in order, at least once, whatever fails."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest

from contract.text.webhook_secret import new_secret
from gateway.live import webhook_client
from gateway.live import webhook_delivery as webhooks
from gateway.live.webhook_client import WebhookClient
from gateway.live.webhook_delivery import WebhookDelivery
from gateway.record.database import Database
from gateway.record.feed.feed import prune
from gateway.record.feed.webhooks import Webhook, put_webhook
from tests.gateway.fake_chain import until
from tests.gateway.happenings import arrival
from tests.gateway.live.flood import Flood, without_end
from tests.gateway.receiver import Receiver, answers, hangs, hangs_up

SECRET = "a secret that both sides know"


@pytest.fixture(autouse=True)
def _hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retry soon, and give up on a silent receiver soon."""
    monkeypatch.setattr(webhooks, "FIRST_WAIT_MS", 50)
    monkeypatch.setattr(webhooks, "POLL_SECONDS", 0.02)
    monkeypatch.setattr(webhooks, "STATUS_SECONDS", 0.02)
    monkeypatch.setattr(webhook_client, "TOTAL_SECONDS", 1)


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    receiver = Receiver(SECRET)
    await receiver.start()
    yield receiver
    await receiver.stop()


@asynccontextmanager
async def delivering(
    database: Database, *receivers: Receiver | Flood
) -> AsyncIterator[WebhookDelivery]:
    async with WebhookClient([receiver.host for receiver in receivers]) as client:
        delivery = WebhookDelivery(database, client, lambda: ["a", "b"], lambda *_: None)
        task = asyncio.create_task(delivery.run())
        try:
            yield delivery
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


async def register(
    database: Database, receiver: Receiver, name: str = "erp", store: str | None = None
) -> None:
    given = Webhook(name, receiver.url, receiver.secret, store)
    await database.write(None, put_webhook, given, ["", "a", "b"], 0)


async def arrivals(database: Database, count: int, store: str = "a") -> list[int]:
    return [await database.write(None, arrival, store, at) for at in range(count)]


async def test_what_happens_from_now_on_is_told_signed_and_in_order(
    database: Database, receiver: Receiver
) -> None:
    await arrivals(database, 2)
    await register(database, receiver)
    async with delivering(database, receiver):
        seqs = await arrivals(database, 45)
        await until(lambda: len(receiver.got) == 45)

    assert receiver.seqs == seqs
    assert receiver.wrong == []
    assert receiver.got[0]["event"] == "visit"
    assert receiver.got[0]["data"]["card"]["store"] == "a"


@pytest.mark.parametrize(
    "secret",
    [new_secret(), "whsec_ of a former release, which took any text"],
    ids=["new", "former release"],  # the same in every process that runs tests
)
async def test_every_secret_that_a_record_holds_signs(
    database: Database, receiver: Receiver, secret: str
) -> None:
    receiver.secret = secret
    await register(database, receiver)
    async with delivering(database, receiver):
        await arrivals(database, 1)
        await until(lambda: receiver.got or receiver.wrong)

    assert receiver.wrong == []


async def test_an_event_has_one_id_however_often_it_is_sent(
    database: Database, receiver: Receiver
) -> None:
    receiver.faults += [answers(500), answers(500)]
    await register(database, receiver)
    async with delivering(database, receiver):
        await arrivals(database, 2)
        await until(lambda: len(receiver.got) == 2)

    first, again, once_more, second = receiver.ids
    assert first == again == once_more != second
    assert "." not in first + second


async def test_a_webhook_of_one_store_hears_of_that_store_alone(
    database: Database, receiver: Receiver
) -> None:
    await register(database, receiver, store="b")
    async with delivering(database, receiver):
        await arrivals(database, 3, "a")
        seqs = await arrivals(database, 3, "b")
        await until(lambda: len(receiver.got) == 3)

    assert receiver.seqs == seqs


async def test_failures_are_retried_in_order_and_lose_nothing(
    database: Database, receiver: Receiver
) -> None:
    receiver.faults += [answers(500), hangs_up, hangs, answers(503), answers(302, Location="/x")]
    await register(database, receiver)
    async with delivering(database, receiver) as delivery:
        seqs = await arrivals(database, 5)
        await until(lambda: delivery.statuses and delivery.statuses[0].attempts >= 2)
        await until(lambda: len(receiver.got) == 5)
        await until(lambda: not delivery.statuses[0].pending)

    assert receiver.seqs == seqs
    assert receiver.asked == 10


async def test_a_dead_receiver_holds_nothing_up_and_is_shown(
    database: Database, receiver: Receiver
) -> None:
    dead = Receiver(SECRET)
    await dead.start()
    await dead.stop()
    await register(database, dead, "dead")
    await register(database, receiver, "erp")
    async with delivering(database, dead, receiver) as delivery:
        seqs = await arrivals(database, 30)
        await until(lambda: len(receiver.got) == 30)
        await until(lambda: delivery.statuses[0].attempts > 1)
        await until(lambda: delivery.statuses[0].pending == 30)
        shown = delivery.statuses[0]
        await dead.start()
        await until(lambda: len(dead.got) == 30)
    await dead.stop()

    assert (shown.webhook, shown.pending, shown.error) == ("dead", 30, "no connection")
    assert receiver.seqs == dead.seqs == seqs


async def test_a_hanging_receiver_holds_no_other_up(database: Database, receiver: Receiver) -> None:
    stuck = Receiver(SECRET, faults=[hangs] * 100)
    await stuck.start()
    await register(database, stuck, "stuck")
    await register(database, receiver, "erp")
    async with delivering(database, stuck, receiver):
        await arrivals(database, 20, "a")
        await arrivals(database, 20, "b")
        await until(lambda: len(receiver.got) == 40)

        assert stuck.got == []
    await stuck.stop()


async def test_a_flooding_receiver_holds_no_other_up(
    database: Database, receiver: Receiver
) -> None:
    async with Flood(b"", without_end(b"HTTP/1.1 100 Continue\r\n\r\n")).running() as flood:
        given = Webhook("flood", f"http://{flood.host}/", SECRET, "a")
        await database.write(None, put_webhook, given, ["", "a", "b"], 0)
        await register(database, receiver, "other")
        async with delivering(database, receiver, flood) as delivery:
            seqs = await arrivals(database, 20, "a")
            await until(lambda: len(receiver.got) == 20)
            await until(lambda: delivery.statuses[0].attempts)
            shown = delivery.statuses[0]

    assert receiver.seqs == seqs
    assert (shown.webhook, shown.error) == ("flood", "no HTTP answer")


async def test_two_gateways_share_the_work(database: Database, receiver: Receiver) -> None:
    await register(database, receiver)
    async with delivering(database, receiver), delivering(database, receiver):
        seqs = await arrivals(database, 60)
        await until(lambda: len(receiver.got) >= 60)
        await asyncio.sleep(0.1)

    assert receiver.seqs == seqs


async def test_a_receiver_that_was_dead_for_too_long_is_told_of_the_gap(
    database: Database, receiver: Receiver
) -> None:
    receiver.faults += [answers(500)] * 1000
    await register(database, receiver)
    async with delivering(database, receiver) as delivery:
        await arrivals(database, 1)
        await until(lambda: delivery.statuses and delivery.statuses[0].attempts)
    receiver.faults.clear()
    await arrivals(database, 5)
    await database.write(None, prune, 3, 100)
    async with delivering(database, receiver):
        await until(lambda: len(receiver.got) == 2)

    assert [event["gap"] for event in receiver.got] == [True, False]


async def test_only_hosts_that_ops_allow_are_sent_to(
    database: Database, receiver: Receiver
) -> None:
    await register(database, receiver)
    async with delivering(database) as delivery:
        await arrivals(database, 1)
        await until(lambda: delivery.statuses and delivery.statuses[0].error)

    assert delivery.statuses[0].error == f"{receiver.host} is not in FACEGATE_WEBHOOK_HOSTS"
    assert receiver.asked == 0
