"""`facegate frigate STORE`: show a store whom Frigate's cameras see."""

import asyncio
import json
from pathlib import Path

import click
from click.core import ParameterSource

from contract.errors import ConfigurationError
from contract.messages.recognition import RecognizeAnswer
from facegate.client.async_client import AsyncClient
from facegate.client.known_key import known_key
from facegate.commands.interrupt import ending_on_signals
from facegate.commands.options import http_url, json_option, url_option
from facegate.frigate.sighting import FrigateSighting
from facegate.frigate.snapshots import Snapshots
from facegate.frigate.subscriber import ShownCounts, Subscriber
from service.mqtt.broker import Broker
from service.mqtt.broker_address import BrokerAddress


@click.command()
@click.argument("store")
@click.option(
    "--mqtt",
    envvar="FACEGATE_MQTT_URL",
    required=True,
    show_envvar=True,
    help="The broker that Frigate tells: mqtt://HOST or mqtts://HOST, with USER@ if it asks.",
)
@click.option(
    "--mqtt-password-file",
    envvar="FACEGATE_MQTT_PASSWORD_FILE",
    show_envvar=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="A file whose first line is the password there.",
)
@click.option(
    "--mqtt-certificates",
    envvar="FACEGATE_MQTT_CERTIFICATES",
    show_envvar=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="Authorities that a broker with TLS is trusted by, in PEM.  [default: the system's]",
)
@click.option(
    "--frigate",
    "frigate_url",
    required=True,
    callback=http_url,
    help="Frigate's API, as in http://frigate:5000.",
)
@click.option(
    "--camera",
    "cameras",
    multiple=True,
    help="Only this camera of Frigate's; may be given several times.  [default: all]",
)
@click.option(
    "--prefix", default="frigate", show_default=True, help="Frigate's topic_prefix on the broker."
)
@url_option
@json_option
@click.pass_context
def frigate(
    context: click.Context,
    *,
    store: str,
    mqtt: str,
    mqtt_password_file: Path | None,
    mqtt_certificates: Path | None,
    frigate_url: str,
    cameras: tuple[str, ...],
    prefix: str,
    url: str,
    as_json: bool,
) -> None:
    """Show STORE whom Frigate's cameras see, until Ctrl-C.

    Each person whom Frigate follows is one visit, of the camera that Frigate names.
    """
    address = BrokerAddress.parse(mqtt, mqtt_password_file)
    on_the_line = context.get_parameter_source("mqtt") == ParameterSource.COMMANDLINE
    if on_the_line and mqtt_password_file is None and address.password is not None:
        raise ConfigurationError(
            "a password on the command line is for all to see: use --mqtt-password-file, or"
            " FACEGATE_MQTT_URL"
        )

    async def follow() -> None:
        async with (
            AsyncClient(url, key=known_key(url)) as gateway,
            Snapshots(frigate_url) as snapshots,
        ):
            shown = _print_json if as_json else _print
            subscriber = Subscriber(
                store, gateway, snapshots, shown, frozenset(cameras), counts=counts
            )
            broker = Broker(
                address,
                certificates=mqtt_certificates,
                topics=[f"{prefix}/events"],
                heard=subscriber.hear,
            )
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(broker.run())
                tasks.create_task(subscriber.run())

    counts = ShownCounts()
    with ending_on_signals():
        asyncio.run(follow())
    click.echo(
        f"shown {counts.shown}, refused {counts.refused}, missing {counts.missing},"
        f" dropped {counts.dropped}",
        err=True,
    )


def _print(sighting: FrigateSighting, answer: RecognizeAnswer) -> None:
    faces = [f"{face.match} {face.face_id or ''}".rstrip() for face in answer.faces]
    click.echo(f"{sighting.camera} {sighting.event}: {', '.join(faces) or 'no face'}")


def _print_json(sighting: FrigateSighting, answer: RecognizeAnswer) -> None:
    line = {
        "camera": sighting.camera,
        "event": sighting.event,
        "at": sighting.at.isoformat(),
        **answer.model_dump(mode="json"),
    }
    click.echo(json.dumps(line, ensure_ascii=False))
