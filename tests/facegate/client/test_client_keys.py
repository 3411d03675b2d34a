"""How a client brings its key, and that nothing else shows it."""

import logging
from pathlib import Path

import pytest

from contract.text.access_key import KeyText
from facegate import AsyncClient, Client, GatewayUnreachable
from facegate.client.known_key import known_key
from tests.facegate.fake_gateway import FakeGateway
from tests.ports import free_port

KEY = KeyText.new()


def test_a_key_is_brought_with_every_request(gateway: FakeGateway) -> None:
    with Client(gateway.url, key=f"{KEY.text}\n") as client:
        client.stores()

    assert gateway.keys == [f"Bearer {KEY.text}"]


async def test_the_client_for_asyncio_brings_it_too(gateway: FakeGateway) -> None:
    async with AsyncClient(gateway.url, key=KEY.text) as client:
        await client.stores()

    assert gateway.keys == [f"Bearer {KEY.text}"]


def test_a_key_in_a_file_may_be_replaced_while_a_client_runs(
    gateway: FakeGateway, tmp_path: Path
) -> None:
    file = tmp_path / "key"
    with Client(gateway.url, key=file) as client:
        for content in (None, b"one\n", b"two", b"\xff", b"my password", b"three"):
            if content is not None:
                file.write_bytes(content)
            client.stores()

    assert gateway.keys == [None, "Bearer one", "Bearer two", None, None, "Bearer three"]


@pytest.mark.parametrize("text", ["", " ", "my password", "schlüssel", "a\nb", "a\0"])
def test_what_is_no_key_is_refused_without_showing_it(text: str) -> None:
    with pytest.raises(ValueError, match="no key") as refused:
        Client(key=text)

    assert not text.strip() or text not in str(refused.value)


def test_no_error_and_no_log_shows_a_key(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    url = f"http://x:{KEY.text}@127.0.0.1:{free_port()}"
    with Client(url, key=KEY.text) as client, pytest.raises(GatewayUnreachable) as refused:
        client.stores()

    shown = f"{refused.value} {refused.value.url} {client!r} {KEY!r} {caplog.text}"
    assert KEY.id in shown
    assert KEY.secret not in shown


@pytest.mark.parametrize(
    ("url", "found"),
    [
        *(
            (f"http://{host}:8000", True)
            for host in ("127.0.0.1", "localhost", "[::1]", "127.1.2.3")
        ),
        *(
            (f"http://{host}", False)
            for host in ("10.0.0.7", "gateway", "localhost.example", "[::2]")
        ),
        ("http://127.0.0.1@example.com", False),
    ],
)
def test_the_admins_key_of_this_folder_is_for_this_machine_alone(
    url: str, found: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert known_key(url) is None
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "admin.key").write_text(KEY.text)

    assert (known_key(url) is not None) == found
    monkeypatch.setenv("FACEGATE_KEY", KEY.text)
    assert known_key(url) == KEY.text
