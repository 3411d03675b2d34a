"""Publishes visits to the broker as they are told: at least once, in order for each store."""

from contract.messages.live import GoneEvent, VisitEvent
from contract.messages.webhooks import WebhookEvent
from gateway.live.mqtt.store_states import StoreStates
from gateway.live.mqtt.topics import Topics
from gateway.live.webhook_client import DeliveryFailed
from gateway.record.feed.feed import FeedEvent
from gateway.record.scope import CHAIN
from service.mqtt.broker import Broker, BrokerFailed


class VisitPublisher:
    """The broker as a receiver of events. Names of members are left out unless `names`."""

    def __init__(self, broker: Broker, topics: Topics, states: StoreStates, *, names: bool) -> None:
        self._broker = broker
        self._topics = topics
        self._states = states
        self._names = names

    @property
    def url(self) -> str:
        """Where the broker is, without the account there."""
        return str(self._broker.address)

    async def tell(self, event: FeedEvent, *, gap: bool) -> None:
        """Return when the broker has confirmed the event. Raises DeliveryFailed.

        What is no visit, such as a member's new name or a silent camera, changes states alone.
        """
        message = event.message
        if isinstance(message, VisitEvent | GoneEvent):
            body = WebhookEvent(
                seq=event.seq,
                store=event.store,
                event=event.name,
                gap=gap,
                data=message if self._names else _without_name(message),
            )
            await self._publish(self._topics.visits(event.store), body.model_dump_json().encode())
        self._states.look_at(None if event.store == CHAIN else event.store)

    async def _publish(self, topic: str, payload: bytes) -> None:
        try:
            await self._broker.publish(topic, payload)
        except BrokerFailed as error:
            raise DeliveryFailed(str(error)) from error


def _without_name(message: VisitEvent | GoneEvent) -> VisitEvent | GoneEvent:
    if isinstance(message, GoneEvent) or message.card.member is None:
        return message
    member = message.card.member.model_copy(update={"name": None})
    card = message.card.model_copy(update={"member": member})
    return message.model_copy(update={"card": card})
