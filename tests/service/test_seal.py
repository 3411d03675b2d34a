"""Vectors at rest: what keys open, and how keys come."""

import os
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.errors import ConfigurationError, StorageForeign
from service.seal import OVERHEAD, Seal, is_sealed, own_seal

OLD, NEW = bytes(range(32)), bytes(range(1, 33))


def line(key: bytes) -> str:
    return b64encode(key).decode() + "\n"


@given(st.binary(max_size=600).map(lambda text: text[: len(text) // 4 * 4]))
def test_what_is_sealed_is_opened_again_and_looks_like_nothing(text: bytes) -> None:
    seal = Seal([NEW, OLD])

    sealed = seal.seal(text)

    assert seal.open(sealed) == text
    assert len(sealed) == len(text) + OVERHEAD
    assert is_sealed(sealed)
    assert not is_sealed(text)
    assert seal.seal(text) != sealed  # another nonce
    assert len(text) < 8 or text not in sealed


def test_an_older_key_opens_and_the_first_one_seals() -> None:
    sealed = Seal([OLD]).seal(b"1234")

    both = Seal([NEW, OLD])

    assert both.open(sealed) == b"1234"
    assert both.seal(b"1234").startswith(both.prefix)
    assert not sealed.startswith(both.prefix)
    with pytest.raises(StorageForeign, match="FACEGATE_ENCRYPTION_KEYS"):
        Seal([NEW]).open(sealed)


@pytest.mark.parametrize("place", [1, 5, 20, -1])
def test_what_was_changed_is_not_opened(place: int) -> None:
    seal = Seal([NEW])
    sealed = bytearray(seal.seal(b"12345678"))
    sealed[place] ^= 1

    with pytest.raises(StorageForeign):
        seal.open(bytes(sealed))


def test_plain_in_place_of_the_first_key_ends_encryption() -> None:
    sealed = Seal([OLD]).seal(b"1234")
    seal = Seal.read(f"plain\n{line(OLD)}", "here")

    assert seal.open(sealed) == b"1234"
    assert seal.seal(b"1234") == b"1234"
    assert seal.has_keys


@pytest.mark.parametrize(
    "text",
    ["", "\n", "short\n", "???\n", line(NEW[:31]), f"{line(NEW)}plain\n", f"{line(NEW)}x\n", "é"],
)
def test_what_are_no_keys_is_named_and_not_shown(text: str) -> None:
    with pytest.raises(ConfigurationError, match="here") as raised:
        Seal.read(text, "here")

    assert line(NEW).strip() not in str(raised.value)


@pytest.fixture(autouse=True)
def anew() -> Iterator[None]:
    own_seal.cache_clear()
    yield
    own_seal.cache_clear()


@pytest.mark.processes
def test_keys_come_from_the_environment_a_file_or_a_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "keys"
    file.write_text(line(NEW))
    command = f"cat {file}"
    for name, value in (("", line(NEW)), ("_FILE", str(file)), ("_COMMAND", command)):
        with monkeypatch.context() as environment:
            environment.setenv(f"FACEGATE_ENCRYPTION_KEYS{name}", value)
            own_seal.cache_clear()

            assert own_seal().prefix == Seal([NEW]).prefix
    own_seal.cache_clear()
    assert not own_seal().has_keys


@pytest.mark.processes
def test_two_places_a_missing_file_and_a_failing_command_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for given_, named in (
        ({"_FILE": str(tmp_path / "nowhere")}, "nowhere"),
        ({"_COMMAND": "false"}, "FACEGATE_ENCRYPTION_KEYS_COMMAND"),
        ({"_COMMAND": str(tmp_path / "no such")}, "FACEGATE_ENCRYPTION_KEYS_COMMAND"),
        ({"_COMMAND": "'"}, "FACEGATE_ENCRYPTION_KEYS_COMMAND"),
        ({"": line(NEW), "_FILE": os.devnull}, "only one"),
    ):
        with monkeypatch.context() as environment:
            for name, value in given_.items():
                environment.setenv(f"FACEGATE_ENCRYPTION_KEYS{name}", value)
            own_seal.cache_clear()

            with pytest.raises(ConfigurationError, match=named):
                own_seal()
