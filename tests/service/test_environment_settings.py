"""Settings come from FACEGATE_… variables, and a bad one is named with its value."""

import pytest
from pydantic import Field

from contract.errors import ConfigurationError
from service.environment_settings import Settings, read_settings


class Sample(Settings):
    port: int = Field(default=8000, ge=1, le=65535)
    store: str


def test_the_environment_is_read_and_the_command_line_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FACEGATE_PORT", "9000")
    monkeypatch.setenv("FACEGATE_STORE", "west")

    settings = read_settings(Sample, store="east", port=None)

    assert (settings.store, settings.port) == ("east", 9000)


def test_a_bad_value_is_named_with_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FACEGATE_PORT", "http")

    with pytest.raises(ConfigurationError, match="FACEGATE_PORT='http'"):
        read_settings(Sample, store="east")


def test_a_missing_value_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FACEGATE_STORE", raising=False)

    with pytest.raises(ConfigurationError, match="FACEGATE_STORE is not set"):
        read_settings(Sample)
