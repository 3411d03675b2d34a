"""All services that tell what happens, wired together: the live feed, webhooks, and MQTT."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from contract.messages.cluster import BrokerStatus
from contract.stores.store_map import StoreMap
from gateway.clock.clock import Clock
from gateway.live.event_pruning import EventPruning
from gateway.live.live_feed import LiveFeed
from gateway.live.mqtt.mqtt_services import MqttOptions, MqttServices
from gateway.live.webhook_client import WebhookClient
from gateway.live.webhook_delivery import WebhookDelivery
from gateway.record.database import Database
from gateway.record.feed.webhooks import BROKER
from service.background import Job

HEARTBEAT_SECONDS = 10.0
"""A live feed says that it is alive more often than proxies lose patience."""


@dataclass(frozen=True)
class LiveServices:
    """The services that tell what happens, and their background work."""

    feed: LiveFeed
    webhook_client: WebhookClient
    webhooks: WebhookDelivery
    mqtt: MqttServices | None
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
        mqtt: MqttOptions | None,
    ) -> Self:
        """Wire the services; events are kept for `event_hours` by the `steady` clock.

        Feeds end once the process `is_ending`; `delivered` hears of each try to tell a webhook, or
        the broker. Raises ConfigurationError.
        """
        client = WebhookClient(webhook_hosts)
        broker = None if mqtt is None else MqttServices.of(mqtt, database, current)
        visits = None if broker is None else broker.visits
        return cls(
            LiveFeed(database, is_ending, HEARTBEAT_SECONDS),
            client,
            WebhookDelivery(database, client, lambda: current().stores, delivered, visits),
            broker,
            EventPruning(database, event_hours, steady),
        )

    @property
    def work(self) -> Mapping[str, Job]:
        """The background work, by its name."""
        return {
            "live feed": self.feed.run,
            "webhooks": self.webhooks.run,
            "event pruning": self.pruning.run,
            **({} if self.mqtt is None else self.mqtt.work),
        }

    @property
    def broker_status(self) -> BrokerStatus | None:
        """How the MQTT broker is, if there is one."""
        if self.mqtt is None:
            return None
        waiting = [status for status in self.webhooks.statuses if status.webhook == BROKER]
        broker = self.mqtt.broker
        return BrokerStatus(
            url=str(broker.address),
            connected=broker.is_connected,
            pending=waiting[0].pending if waiting else 0,
            error=broker.error,
        )
