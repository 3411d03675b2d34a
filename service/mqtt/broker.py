"""A connection to an MQTT broker that is kept. The one module that knows aiomqtt."""

import asyncio
import importlib.util
import logging
import secrets
import ssl
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from contract.errors import ConfigurationError
from service.mqtt.broker_address import BrokerAddress

if TYPE_CHECKING:
    import aiomqtt

log = logging.getLogger(__name__)

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0
"""Seconds before the broker is tried again; doubled each time that it cannot be reached."""
ANSWER_SECONDS = 5.0
KEEP_ALIVE_SECONDS = 15
"""A broker that says nothing for one and a half times as long is gone."""
MOST_HEARD = 1000
"""Messages that wait to be heard; what comes beyond is dropped, and logged."""
ONLINE, OFFLINE = b"online", b"offline"

Heard = Callable[[str, bytes], Awaitable[None]]


class BrokerFailed(Exception):
    """The broker did not confirm; the text is short and says why."""


class Broker:
    """The connection; `run` makes it, and makes it again for as long as it takes.

    On `presence`, where it is given, the broker keeps `online` while one of us is connected, and
    `offline` afterwards.
    """

    def __init__(
        self,
        address: BrokerAddress,
        *,
        certificates: Path | None = None,
        presence: str | None = None,
        topics: Sequence[str] = (),
        heard: Heard | None = None,
        connected: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        """Prepare a connection; `heard` gets the messages of `topics`, one after the other.

        `connected` is awaited each time that a connection is there, and may publish.
        `certificates` are the authorities that a broker with TLS is trusted by, in PEM; the
        system's, if none are given. Raises ConfigurationError.
        """
        if importlib.util.find_spec("aiomqtt") is None:
            raise ConfigurationError("MQTT needs the package aiomqtt: pip install 'facegate[mqtt]'")
        self.address = address
        self._tls = _tls(certificates) if address.is_secure else None
        self._presence = presence
        self._topics = [*topics, *([presence] if presence else [])]
        self._heard = heard
        self._greet = connected
        self._client: aiomqtt.Client | None = None
        self.error: str | None = "not connected yet"

    @property
    def is_connected(self) -> bool:
        """Whether something can be published now."""
        return self._client is not None

    async def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        """Publish; return when the broker has confirmed. Raises BrokerFailed."""
        import aiomqtt

        if self._client is None:
            raise BrokerFailed("no connection to the broker")
        try:
            await self._client.publish(topic, payload, qos=1, retain=retain)
        except aiomqtt.MqttError as error:
            raise BrokerFailed(f"the broker does not confirm: {error}") from error
        except ValueError as error:  # a topic or payload that MQTT does not have
            raise BrokerFailed(f"MQTT has no such message: {error}") from error

    async def run(self) -> None:
        """Be connected for ever."""
        import aiomqtt

        pause = FIRST_PAUSE
        while True:
            try:
                async with self._new_client() as client:
                    pause = FIRST_PAUSE
                    await self._serve(client)
            except (aiomqtt.MqttError, BrokerFailed, OSError, UnicodeError) as error:
                self.error = str(error) or type(error).__name__
                log.warning("%s: %s; again in %g s", self.address, self.error, pause)
            finally:
                self._client = None
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    async def _serve(self, client: "aiomqtt.Client") -> None:
        for topic in self._topics:
            await client.subscribe(topic, qos=1)
        self._client, self.error = client, None
        log.info("%s: connected", self.address)
        try:
            await self._announce()
            if self._greet:
                await self._greet()
            async for message in client.messages:
                await self._hear(str(message.topic), bytes(message.payload or b""))
        finally:
            if self._presence:
                with suppress(BrokerFailed):
                    await self.publish(self._presence, OFFLINE, retain=True)

    async def _hear(self, topic: str, payload: bytes) -> None:
        if topic == self._presence:
            if payload == OFFLINE:  # another of us has left, or the broker says so of a former one
                await self._announce()
        elif self._heard:
            await self._heard(topic, payload)

    async def _announce(self) -> None:
        if self._presence:
            await self.publish(self._presence, ONLINE, retain=True)

    def _new_client(self) -> "aiomqtt.Client":
        import aiomqtt

        will = None
        if self._presence:
            will = aiomqtt.Will(self._presence, OFFLINE, qos=1, retain=True)
        return aiomqtt.Client(
            self.address.host,
            self.address.port,
            username=self.address.user,
            password=self.address.password,
            identifier=f"facegate-{secrets.token_hex(6)}",
            will=will,
            timeout=ANSWER_SECONDS,
            keepalive=KEEP_ALIVE_SECONDS,
            max_queued_incoming_messages=MOST_HEARD,
            tls_context=self._tls,
        )


def _tls(certificates: Path | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=certificates)
    except (OSError, ssl.SSLError) as error:
        raise ConfigurationError(f"{certificates} holds no certificates in PEM") from error
