"""A service's own certificate: read, followed, and said when it is nearly over."""

import logging
import ssl
from pathlib import Path

import pytest

from contract.errors import ConfigurationError
from service.tls.own_certificate import OwnCertificate, TlsFiles
from tests.certificates import TestAuthority


def own_of(folder: Path) -> OwnCertificate:
    return OwnCertificate(TlsFiles.of_cluster(folder), "server")


def test_what_is_renewed_counts_and_what_is_wrong_does_not(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    authority = TestAuthority(tmp_path)
    folder = authority.folder("shard", "shard", days=5)
    own = own_of(folder)
    first, expires_at = own.context, own.expires_at

    own.look()
    assert own.context is first

    authority.folder("shard", "shard", days=9)
    own.look()
    second = own.context
    assert second is not first
    assert own.expires_at > expires_at

    (folder / "tls.crt").write_text(authority.pem)  # of another key
    for _ in range(3):
        own.look()
    assert own.context is second
    errors = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert len(errors) == 1
    assert "stays in force" in errors[0].getMessage()

    authority.folder("shard", "shard", days=7)
    own.look()
    assert own.context is not second


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("tls.crt", None),
        ("tls.key", None),
        ("ca.crt", None),
        ("tls.crt", "no certificate"),
        ("tls.key", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"),
        ("ca.crt", ""),
    ],
)
def test_what_cannot_be_read_ends_the_start(tmp_path: Path, file: str, content: str | None) -> None:
    folder = TestAuthority(tmp_path).folder("shard", "shard")
    if content is None:
        (folder / file).unlink()
    else:
        (folder / file).write_text(content)

    with pytest.raises(ConfigurationError, match=file):
        own_of(folder)


def test_a_certificate_of_another_key_ends_the_start(tmp_path: Path) -> None:
    authority = TestAuthority(tmp_path)
    folder = authority.folder("shard", "shard")
    other = authority.folder("other", "shard")
    (folder / "tls.key").write_bytes((other / "tls.key").read_bytes())

    with pytest.raises(ConfigurationError, match="no certificate with its key"):
        own_of(folder)


@pytest.mark.parametrize(("days", "word"), [(0, "has expired"), (10, "")])
def test_one_that_is_nearly_over_is_said_once_a_day(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, days: int, word: str
) -> None:
    own = own_of(TestAuthority(tmp_path).folder("shard", "shard", days=days))
    for _ in range(3):
        own.look()

    warned = [r.getMessage() for r in caplog.records if r.levelno == logging.WARNING]
    assert len(warned) == (1 if word else 0)
    assert all(word in text for text in warned)


def test_both_sides_take_no_former_tls(tmp_path: Path) -> None:
    authority = TestAuthority(tmp_path)

    for own in (authority.own("a", "shard"), authority.own("b", "gateway")):
        assert own.context.minimum_version == ssl.TLSVersion.TLSv1_2
