"""Delivers events to webhooks: at least once, in order for each store, with retries and backoff.

Each webhook and store is delivered and retried on its own: a receiver that fails delays no other.
The MQTT broker, where there is one, is told in the same way.
"""

import asyncio
import logging
import random
import re
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial

from contract.errors import FacegateError
from contract.messages.webhooks import WebhookEvent, WebhookStatus
from gateway.live.mqtt.visit_publisher import VisitPublisher
from gateway.live.webhook_client import TOTAL_SECONDS, DeliveryFailed, WebhookClient
from gateway.live.webhook_signature import former_headers, signature_headers
from gateway.record.database import Database
from gateway.record.feed.deliveries import (
    Batch,
    DeliveryOutcome,
    due_cursors,
    lease_batch,
    record_outcome,
)
from gateway.record.feed.feed import FeedEvent
from gateway.record.feed.webhook_statuses import statuses
from gateway.record.feed.webhooks import BROKER, Webhook, add_missing_cursors, keep_broker
from gateway.record.scope import CHAIN

log = logging.getLogger(__name__)

POLL_SECONDS = 0.3
STATUS_SECONDS = 2.0
AT_ONCE = 20
"""Events that are sent before they are confirmed in the record together."""
PARALLEL = 8
"""Stores whose events one webhook gets at the same time."""
LEASE_MS = 1000 * (TOTAL_SECONDS + 5)
"""How long a batch is leased: after that another gateway may deliver it."""
FIRST_WAIT_MS, LONGEST_WAIT_MS = 1000, 300_000


class WebhookDelivery:
    """Delivers events; `run` beside the requests. `statuses` are at most seconds old."""

    def __init__(
        self,
        database: Database,
        client: WebhookClient,
        stores: Callable[[], Iterable[str]],
        delivered: Callable[[str, bool], None],
        broker: VisitPublisher | None = None,
    ) -> None:
        """Deliver events of `stores`; each attempt calls `delivered(webhook, success)`."""
        self._database = database
        self._client = client
        self._broker = broker
        self._stores = stores
        self._delivered = delivered
        self._known: set[str] = set()
        self._under_way: dict[tuple[str, str], asyncio.Task[None]] = {}
        self._unforeseen: list[BaseException] = []
        self._looked_at = 0.0
        self.statuses: list[WebhookStatus] = []

    async def run(self) -> None:
        """Deliver for ever. Raises what a delivery has met that was not foreseen."""
        try:
            while True:
                try:
                    await self._poll()
                except FacegateError as error:
                    log.warning("webhooks wait for the record: %s", error.detail)
                await asyncio.sleep(POLL_SECONDS)
                if self._unforeseen:
                    raise self._unforeseen.pop()
        finally:
            await self._stop()

    async def refresh(self) -> None:
        """Read the status of all webhooks, and of the broker."""
        self._looked_at = time.monotonic()
        self.statuses = await self._database.read(None, statuses)

    async def _poll(self) -> None:
        stores = {CHAIN, *self._stores()}
        if stores != self._known:
            await self._database.write(None, add_missing_cursors, sorted(stores))
            broker = None if self._broker is None else self._broker.url
            await self._database.write(None, keep_broker, broker, sorted(stores), _now())
            self._known = stores
        if time.monotonic() >= self._looked_at + STATUS_SECONDS:
            await self.refresh()
        if not self.statuses:
            return
        for pair in await self._database.read(None, due_cursors, _now()):
            if pair not in self._under_way and self._has_room(pair[0]):
                task = asyncio.create_task(self._deliver(*pair))
                self._under_way[pair] = task
                task.add_done_callback(partial(self._ended, pair))

    def _ended(self, pair: tuple[str, str], task: asyncio.Task[None]) -> None:
        del self._under_way[pair]
        if not task.cancelled() and (error := task.exception()):
            log.critical("webhook %s: delivery ended", pair[0], exc_info=error)
            self._unforeseen.append(error)

    def _has_room(self, webhook: str) -> bool:
        """Say whether a receiver may be told more by this gateway."""
        if webhook == BROKER and self._broker is None:
            return False
        return sum(name == webhook for name, _ in self._under_way) < PARALLEL

    async def _deliver(self, webhook: str, store: str) -> None:
        """Deliver the pending events in batches, until there is none or an attempt fails."""
        try:
            while await self._deliver_batch(webhook, store):
                pass
        except FacegateError as error:
            log.warning("webhook %s waits for the record: %s", webhook, error.detail)

    async def _deliver_batch(self, webhook: str, store: str) -> bool:
        now = _now()
        until = now + round(LEASE_MS)
        batch = await self._database.write(
            None, lease_batch, webhook, store, now=now, until=until, limit=AT_ONCE
        )
        if batch is None:
            return False
        attempt = _Attempt(batch)
        try:
            await self._send_all(attempt)
        finally:  # when this gateway stops, another one need not wait for the lease to end
            await self._database.write(None, record_outcome, batch, attempt.outcome())
        return attempt.error is None and bool(batch.events)

    async def _send_all(self, attempt: "_Attempt") -> None:
        began = time.monotonic()
        for event in attempt.batch.events:
            try:
                await self._send(attempt.batch, event)
            except DeliveryFailed as failure:
                attempt.error = str(failure)
                return
            attempt.confirmed = event.seq
            if time.monotonic() - began > LEASE_MS / 1000 - TOTAL_SECONDS:
                return  # the next one might outlast the lease

    async def _send(self, batch: Batch, event: FeedEvent) -> None:
        webhook = batch.webhook
        gap = batch.gap and batch.events[0].seq == event.seq
        try:
            if webhook.webhook == BROKER:
                await self._publish(event, gap=gap)
            else:
                await self._post(webhook, event, gap=gap)
        except DeliveryFailed as failure:
            self._delivered(webhook.webhook, False)
            log.info("webhook %s: event %d: %s", webhook.webhook, event.seq, failure)
            raise
        self._delivered(webhook.webhook, True)

    async def _publish(self, event: FeedEvent, *, gap: bool) -> None:
        if self._broker is None:
            raise DeliveryFailed("this gateway has no broker")
        await self._broker.tell(event, gap=gap)

    async def _post(self, webhook: Webhook, event: FeedEvent, *, gap: bool) -> None:
        body, secret, now = _body(event, gap=gap), webhook.secret, time.time()
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "facegate",
            **signature_headers(secret, _message_id(event), now, body),
            "Facegate-Webhook": webhook.webhook,
            "Facegate-Event": str(event.seq),
            **former_headers(secret, now, body),
        }
        await self._client.post(webhook.url, body, headers)

    async def _stop(self) -> None:
        tasks = list(self._under_way.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@dataclass
class _Attempt:
    """The delivery of one batch."""

    batch: Batch
    error: str | None = None
    confirmed: int = field(init=False)

    def __post_init__(self) -> None:
        self.confirmed = self.batch.seq

    def outcome(self) -> DeliveryOutcome:
        """Return what to store of it."""
        if self.error is None:
            return DeliveryOutcome(seq=self.confirmed, attempts=0, next_at=0, error=None)
        attempts = 1 if self.confirmed > self.batch.seq else self.batch.attempts + 1
        return DeliveryOutcome(
            seq=self.confirmed,
            attempts=attempts,
            next_at=_now() + _wait_ms(attempts),
            error=self.error,
        )


def _body(event: FeedEvent, *, gap: bool) -> bytes:
    body = WebhookEvent(
        seq=event.seq, store=event.store, event=event.name, gap=gap, data=event.message
    )
    return body.model_dump_json().encode()


def _message_id(event: FeedEvent) -> str:
    """Return what no other event is called, not even one of a record that was begun anew."""
    moment = re.sub(r"\D", "", event.message.at)
    return f"evt_{event.seq}_{moment}"


def _wait_ms(attempts: int) -> int:
    """Return how long to wait after `attempts` failures: about twice as long each time."""
    longest: int = min(FIRST_WAIT_MS * 2 ** min(attempts - 1, 20), LONGEST_WAIT_MS)
    return round(longest * random.uniform(0.5, 1))  # noqa: S311 - spreads retries, guards nothing


def _now() -> int:
    return round(time.time() * 1000)
