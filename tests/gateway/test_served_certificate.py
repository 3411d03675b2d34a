"""The gateway by TLS: its settings, and a gateway that is served so."""

from pathlib import Path

import pytest

from contract.errors import ConfigurationError
from gateway.settings import GatewaySettings
from tests.certificates import TestAuthority


def test_certificate_and_key_may_be_in_one_file(tmp_path: Path) -> None:
    folder = TestAuthority(tmp_path).folder("own", "shard")
    both = tmp_path / "both.pem"
    both.write_bytes((folder / "tls.crt").read_bytes() + (folder / "tls.key").read_bytes())

    one = GatewaySettings(tls_certificate=both).served_certificate
    two = GatewaySettings(
        tls_certificate=folder / "tls.crt", tls_key=folder / "tls.key"
    ).served_certificate

    assert one is not None
    assert two is not None
    assert one.expires_at == two.expires_at


def test_a_key_alone_and_a_certificate_without_a_key_are_refused(tmp_path: Path) -> None:
    folder = TestAuthority(tmp_path).folder("own", "shard")

    with pytest.raises(ConfigurationError, match="FACEGATE_TLS_CERTIFICATE"):
        _ = GatewaySettings(tls_key=folder / "tls.key").served_certificate
    with pytest.raises(ConfigurationError, match=r"tls\.crt"):
        _ = GatewaySettings(tls_certificate=folder / "tls.crt").served_certificate
    assert GatewaySettings().served_certificate is None
