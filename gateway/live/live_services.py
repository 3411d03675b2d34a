"""All services that tell what happens, wired together: the live feed and the webhooks."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from contract.stores.store_map import StoreMap
from gateway.clock.clock import Clock
from gateway.live.event_pruning import EventPruning
from gateway.live.live_feed import LiveFeed
from gateway.live.webhook_client import WebhookClient
from gateway.live.webhook_delivery import WebhookDelivery
from gateway.record.database import Database
from service.background import Job

HEARTBEAT_SECONDS = 10.0
"""A live feed says that it is alive more often than proxies lose patience."""


@dataclass(frozen=True)
class LiveServices:
    """The services that tell what happens, and their background work."""

    feed: LiveFeed
    webhook_client: WebhookClient
    webhooks: WebhookDelivery
    pruning: EventPruning

    @classmethod
    def of(
        cls,
        database: Database,
        *,
        current: Callable[[], StoreMap],
        steady: Clock,
        is_ending: Callable[[], bool],
        delivered: Callable[[str, bool], None],
        webhook_hosts: Sequence[str],
        event_hours: float,
    ) -> Self:
        """Wire the services; events are kept for `event_hours` by the `steady` clock.

        Feeds end once the process `is_ending`; `delivered` hears of each try to tell a webhook.
        """
        client = WebhookClient(webhook_hosts)
        return cls(
            LiveFeed(database, is_ending, HEARTBEAT_SECONDS),
            client,
            WebhookDelivery(database, client, lambda: current().stores, delivered),
            EventPruning(database, event_hours, steady),
        )

    @property
    def work(self) -> Mapping[str, Job]:
        """The background work, by its name."""
        return {
            "live feed": self.feed.run,
            "webhooks": self.webhooks.run,
            "event pruning": self.pruning.run,
        }
