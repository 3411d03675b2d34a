"""Addresses of MQTT brokers: what they mean, and what is refused without telling the account."""

from pathlib import Path

import pytest

from contract.errors import ConfigurationError
from service.mqtt.broker_address import BrokerAddress


@pytest.mark.parametrize(
    ("url", "address", "shown"),
    [
        ("mqtt://broker", BrokerAddress("broker", 1883), "mqtt://broker:1883"),
        ("mqtts://broker/", BrokerAddress("broker", 8883, True), "mqtts://broker:8883"),
        ("mqtt://[::1]:99", BrokerAddress("::1", 99), "mqtt://[::1]:99"),
        (
            "mqtt://me:p%40ss@10.0.0.1:1",
            BrokerAddress("10.0.0.1", 1, user="me", password="p@ss"),
            "mqtt://10.0.0.1:1",
        ),
    ],
)
def test_an_address_is_read_and_shown_without_the_account(
    url: str, address: BrokerAddress, shown: str
) -> None:
    assert BrokerAddress.parse(url) == address
    assert str(address) == shown
    assert "p@ss" not in repr(address)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "broker",
        "http://me:secret@broker",
        "mqtt://me:secret@",
        "mqtt://me:secret@broker:many",
        "mqtt://me:secret@bro ker",
        "mqtt://me:secret@broker/topic",
        "mqtt://me:secret@[::1",
    ],
)
def test_what_is_no_address_is_refused_without_the_account(url: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        BrokerAddress.parse(url)

    assert "secret" not in refused.value.detail


def test_the_password_may_be_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("s3cret\n", encoding="utf-8")

    assert BrokerAddress.parse("mqtt://me@broker", file).password == "s3cret"
    with pytest.raises(ConfigurationError, match="cannot be read"):
        BrokerAddress.parse("mqtt://me@broker", tmp_path / "none")
