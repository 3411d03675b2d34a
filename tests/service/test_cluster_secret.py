"""The secret by which the services of one cluster know each other."""

from pathlib import Path

import pytest

from contract.errors import ConfigurationError
from service.cluster_secret import ClusterSecret, make_secret

OLD, NEW = "o" * 32, "n" * 40


def accepts(secret: ClusterSecret, shown: str) -> bool:
    return secret.is_shown_in(shown.encode("latin-1"))


def test_the_first_line_is_shown_and_every_line_accepted(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text(f"{NEW}\n{OLD}\n")

    secret = ClusterSecret.read(file)

    assert secret.header == {"Authorization": f"Bearer {NEW}"}
    assert accepts(secret, f"Bearer {NEW}")
    assert accepts(secret, f"Bearer {OLD}")


@pytest.mark.parametrize(
    "shown", ["", "Bearer ", f"Bearer {NEW[:-1]}", f"Bearer {NEW}n", f"Basic {NEW}", "Bearer \xe9"]
)
def test_nothing_else_is_accepted(shown: str) -> None:
    assert not accepts(ClusterSecret([NEW, OLD]), shown)


@pytest.mark.parametrize("content", [b"", b"\n", b"short\n", f"{NEW}\nshort\n".encode(), b"\xe9"])
def test_a_file_without_a_good_secret_is_named_and_nothing_in_it_shown(
    tmp_path: Path, content: bytes
) -> None:
    file = tmp_path / "secret"
    file.write_bytes(content)

    with pytest.raises(ConfigurationError) as raised:
        ClusterSecret.read(file)

    assert str(file) in str(raised.value)
    assert NEW not in str(raised.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="nowhere"):
        ClusterSecret.read(tmp_path / "nowhere")


def test_a_secret_is_made_once_and_its_owner_alone_reads_it(tmp_path: Path) -> None:
    file = tmp_path / "new folder" / "secret"

    make_secret(file)
    made = file.read_text()
    make_secret(file)

    assert file.read_text() == made
    assert len(made.strip()) == 43
    assert file.stat().st_mode & 0o777 == 0o600
    make_secret(tmp_path / "another")
    assert (tmp_path / "another").read_text() != made
