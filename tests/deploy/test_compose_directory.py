"""What deploy/compose.directory.yaml adds to the chain."""

from pathlib import Path
from typing import Any

import yaml

from gateway.directory.tables.database import parsed
from gateway.settings import GatewaySettings

ROOT = Path(__file__).parents[2]
ADDED: dict[str, Any] = yaml.safe_load(
    (ROOT / "deploy/compose.directory.yaml").read_text(encoding="utf-8")
)
SERVER = ADDED["services"]["directory"]
GATEWAY = ADDED["services"]["gateway"]


def test_the_directory_is_confined_watched_and_reached_by_the_gateway_alone() -> None:
    assert SERVER["read_only"] is True
    assert SERVER["cap_drop"] == ["ALL"]
    assert SERVER["security_opt"] == ["no-new-privileges:true"]
    assert SERVER["healthcheck"]["test"]
    assert "ports" not in SERVER
    assert SERVER["networks"] == ["directory"]
    assert ADDED["networks"]["directory"]["internal"] is True
    assert "directory" in GATEWAY["networks"]


def test_the_gateway_is_given_the_directory_that_is_made() -> None:
    environment, password = SERVER["environment"], SERVER["environment"]["POSTGRES_PASSWORD"]
    given = GATEWAY["environment"]["FACEGATE_DIRECTORY_URL"].replace(password, "secret")

    url = parsed(GatewaySettings(directory_url=given).directory_address or "")

    assert (url.username, url.password, url.host, url.database) == (
        environment["POSTGRES_USER"],
        "secret",
        "directory",
        environment["POSTGRES_DB"],
    )


def test_the_gateway_does_not_wait_for_a_directory_that_is_down() -> None:
    assert "depends_on" not in GATEWAY
