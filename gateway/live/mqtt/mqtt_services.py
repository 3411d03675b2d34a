"""All that publishes to the broker, wired together."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from contract.errors import FacegateError
from contract.stores.store_map import StoreMap
from gateway.live.mqtt.store_states import StoreStates
from gateway.live.mqtt.topics import Topics
from gateway.live.mqtt.visit_publisher import VisitPublisher
from gateway.record.database import Database
from gateway.record.feed.deliveries import retry_now
from gateway.record.feed.webhooks import BROKER
from service.background import Job
from service.mqtt.broker import Broker
from service.mqtt.broker_address import BrokerAddress

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class MqttOptions:
    """Where is published, under which topics, and whether with the names of members."""

    address: BrokerAddress
    certificates: Path | None
    topics: Topics
    names: bool


@dataclass(frozen=True)
class MqttServices:
    """The connection to the broker, and what is published over it."""

    broker: Broker
    states: StoreStates
    visits: VisitPublisher

    @classmethod
    def of(cls, options: MqttOptions, database: Database, current: Callable[[], StoreMap]) -> Self:
        """Wire the services. Raises ConfigurationError."""
        topics, names = options.topics, options.names

        async def begin_anew() -> None:
            states.begin_anew()
            try:
                await database.write(None, retry_now, BROKER)
            except FacegateError as error:
                log.warning("MQTT waits for the record: %s", error.detail)

        broker = Broker(
            options.address,
            certificates=options.certificates,
            presence=topics.presence,
            connected=begin_anew,
        )
        states = StoreStates(database, broker, topics, current, names=names)
        return cls(broker, states, VisitPublisher(broker, topics, states, names=names))

    @property
    def work(self) -> Mapping[str, Job]:
        """The background work, by its name."""
        return {"MQTT broker": self.broker.run, "MQTT states": self.states.run}
