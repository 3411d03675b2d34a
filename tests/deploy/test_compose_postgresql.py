"""What deploy/compose.postgresql.yaml adds to the chain."""

from pathlib import Path
from typing import Any

import sqlalchemy as sa
import yaml

ROOT = Path(__file__).parents[2]
ADDED: dict[str, Any] = yaml.safe_load(
    (ROOT / "deploy/compose.postgresql.yaml").read_text(encoding="utf-8")
)
POSTGRESQL = ADDED["services"]["postgresql"]
GATEWAY = ADDED["services"]["gateway"]


def test_the_database_is_confined_watched_and_reached_by_the_gateway_alone() -> None:
    assert POSTGRESQL["read_only"] is True
    assert POSTGRESQL["cap_drop"] == ["ALL"]
    assert POSTGRESQL["security_opt"] == ["no-new-privileges:true"]
    assert POSTGRESQL["healthcheck"]["test"]
    assert "ports" not in POSTGRESQL
    assert POSTGRESQL["networks"] == ["record"]
    assert ADDED["networks"]["record"]["internal"] is True
    assert "record" in GATEWAY["networks"]


def test_the_gateway_is_given_the_database_that_is_made() -> None:
    environment = POSTGRESQL["environment"]
    password = environment["POSTGRES_PASSWORD"]
    url = sa.make_url(GATEWAY["environment"]["FACEGATE_RECORD_URL"].replace(password, "secret"))

    assert (url.username, url.password, url.host, url.database) == (
        environment["POSTGRES_USER"],
        "secret",
        "postgresql",
        environment["POSTGRES_DB"],
    )
