"""The file with the admin's key: made, taken over, and made anew when its key does not work."""

import asyncio
from pathlib import Path

import pytest

from contract.errors import ConfigurationError
from contract.text.access_key import KeyText
from gateway.access.admin_key import AdminKey
from gateway.access.keys import Keys
from gateway.app import create_app
from gateway.record.database import Database
from gateway.settings import GatewaySettings
from tests.gateway.access.keyring import HOUR, bearer, key, put_keys
from tests.gateway.fake_chain import running
from tests.new_database import put_record


def key_in(file: Path) -> KeyText | None:
    return KeyText.parse(file.read_text().strip())


async def opened_by(folder: Path, file: Path) -> list[str]:
    """Return the names of all keys, as the key in the file opens them after a start."""
    async with running(folder, keys="required", admin_key_file=file) as chain:
        text = key_in(file)
        assert text is not None
        answer = await chain.http.get("/v1/keys", headers=bearer(text))
    assert answer.status_code == 200, answer.text
    return [one["state"] for one in answer.json()["keys"]]


async def test_it_is_made_for_its_owner_alone_and_stays(tmp_path: Path) -> None:
    file = tmp_path / "secrets" / "admin.key"

    assert await opened_by(tmp_path, file) == ["valid"]

    made = file.read_text()
    assert file.stat().st_mode & 0o777 == 0o600
    assert await opened_by(tmp_path, file) == ["valid"]
    assert file.read_text() == made


async def test_a_key_that_is_given_is_taken_over(tmp_path: Path) -> None:
    file = tmp_path / "admin.key"
    given = KeyText.new().text
    file.write_text(given)

    assert await opened_by(tmp_path, file) == ["valid"]
    assert file.read_text() == given


async def test_gateways_that_are_given_the_same_key_take_it_over_once(
    database: Database, tmp_path: Path
) -> None:
    given = KeyText.new()
    file = tmp_path / "admin.key"
    file.write_text(given.text)
    gateways = [Keys(database) for _ in range(3)]
    for gateway in gateways:
        await gateway.refresh()

    await asyncio.gather(*(AdminKey(gateway, file).ensure() for gateway in gateways))

    assert [gateway.valid(given.text).role for gateway in gateways] == ["admin"] * 3


async def test_one_that_was_lost_or_revoked_is_made_anew(tmp_path: Path) -> None:
    file = tmp_path / "admin.key"
    revoked, stored = key("admin", revoked_at=HOUR)
    await put_keys(tmp_path, [stored])
    file.write_text(revoked.text)

    assert sorted(await opened_by(tmp_path, file)) == ["revoked", "valid"]
    file.unlink()
    assert sorted(await opened_by(tmp_path, file)) == ["revoked", "valid", "valid"]


async def test_a_key_of_another_role_makes_no_admin(tmp_path: Path) -> None:
    file = tmp_path / "admin.key"
    camera, stored = key("camera", ["store-a"])
    await put_keys(tmp_path, [stored])
    file.write_text(camera.text)

    assert await opened_by(tmp_path, file) == ["valid", "valid"]
    assert file.read_text().strip() != camera.text


@pytest.mark.parametrize("content", [b"", b"my password", b"\xff\xfe"])
async def test_a_file_with_something_else_stops_the_start(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "admin.key"
    file.write_bytes(content)
    (tmp_path / "stores.yaml").write_text("a: 127.0.0.1:9\n")
    put_record(tmp_path)
    settings = GatewaySettings(stores=tmp_path / "stores.yaml", data=tmp_path, admin_key_file=file)

    app = create_app(settings)
    with pytest.raises(ConfigurationError, match="FACEGATE_ADMIN_KEY_FILE") as told:
        await app.router.lifespan_context(app).__aenter__()

    assert "my password" not in str(told.value)
    assert file.read_bytes() == content
