"""Keys over HTTP, through the Python client's calls, on both databases."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from contract.text.access_key import KeyText
from facegate import ApiError, AsyncClient
from gateway.access.keys import Keys
from gateway.record.access.keys import add_key, all_keys, note_uses, revoke_key
from gateway.record.database import Database
from gateway.record.store_rename import rename_store
from tests.gateway.access.keyring import HOUR, key
from tests.gateway.fake_chain import running, until


class Access:
    """A gateway that asks for keys, and clients with keys."""

    def __init__(self, url: str, admin: str) -> None:
        self.url = url
        self.admin = AsyncClient(url, key=admin)

    async def may(self, given: str, store: str = "store-a") -> str | None:
        """Return the code with which a key is refused the footfall of a store, if it is."""
        async with AsyncClient(self.url, key=given) as client:
            try:
                await client.traffic(store)
            except ApiError as error:
                return error.code
        return None


@pytest.fixture
async def access(tmp_path: Path, record_url: str) -> AsyncIterator[Access]:
    file = tmp_path / "admin.key"
    settings: dict[str, Any] = {"keys": "required", "admin_key_file": file}
    async with running(tmp_path, record_url=record_url, **settings) as chain:
        access = Access(str(chain.http.base_url), file.read_text())
        yield access
        await access.admin.close()


async def test_a_key_is_made_shown_once_listed_and_revoked(access: Access) -> None:
    made = await access.admin.create_key("  the  chief ", "manager", stores=["store-a"])

    assert (made.name, made.stores, made.state) == ("the chief", ["store-a"], "valid")
    assert KeyText.parse(made.key)
    assert await access.may(made.key) is None
    assert await access.may(made.key, "store-b") == "NOT_FOR_STORE"
    [listed, admin] = await access.admin.keys()
    assert listed.model_dump() == made.model_dump(exclude={"key"})
    assert (admin.role, admin.stores) == ("admin", None)

    revoked = await access.admin.revoke_key(made.id)

    assert (revoked.id, revoked.state) == (made.id, "revoked")
    assert await access.may(made.key) == "KEY_REFUSED"
    again = await access.admin.revoke_key(made.id)
    assert again.revoked_at == revoked.revoked_at


async def test_two_keys_live_at_once_while_one_replaces_the_other(access: Access) -> None:
    old = await access.admin.create_key("the chief", "manager")

    new = await access.admin.rotate_key(old.id)

    assert [await access.may(one) for one in (old.key, new.key)] == [None, None]
    assert (new.name, new.role, new.stores, new.expires_at) == ("the chief", "manager", None, None)
    [left] = [one for one in await access.admin.keys() if one.id == old.id]
    assert left.expires_at is not None
    await access.admin.rotate_key(new.id, grace_seconds=0)
    assert await access.may(new.key) == "KEY_REFUSED"
    with pytest.raises(ApiError, match=r"expired") as refused:
        await access.admin.rotate_key(new.id)
    assert refused.value.code == "KEY_ENDED"


async def test_a_key_that_replaces_one_does_not_last_longer(access: Access) -> None:
    end = datetime.now(UTC) + timedelta(hours=2)
    old = await access.admin.create_key("guest", "manager", expires_at=end)

    new = await access.admin.rotate_key(old.id)

    assert new.expires_at == old.expires_at


@pytest.mark.parametrize("record_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("draft", "code"),
    [
        ({"name": "", "role": "admin"}, "INVALID_PARAMETER"),
        ({"name": "a\u200bb", "role": "admin"}, "INVALID_PARAMETER"),
        ({"name": "x", "role": "king"}, "INVALID_PARAMETER"),
        ({"name": "x", "role": "camera"}, "INVALID_PARAMETER"),
        ({"name": "x", "role": "camera", "stores": ["store-a", "store-b"]}, "INVALID_PARAMETER"),
        ({"name": "x", "role": "till"}, "INVALID_PARAMETER"),
        ({"name": "x", "role": "till", "stores": []}, "INVALID_PARAMETER"),
        ({"name": "x", "role": "admin", "stores": ["store-a"]}, "INVALID_PARAMETER"),
        ({"name": "x", "role": "privacy", "stores": ["store-a"]}, "INVALID_PARAMETER"),
        ({"name": "x", "role": "manager", "names": False}, "INVALID_PARAMETER"),
        ({"name": "x", "role": "manager", "stores": ["nowhere"]}, "UNKNOWN_STORE"),
        ({"name": "x", "role": "manager", "expires_at": "noon"}, "BAD_TIME"),
        ({"name": "x", "role": "manager", "expires_at": "2020-01-01T00:00:00Z"}, "BAD_TIME"),
        (None, "INVALID_PARAMETER"),
    ],
)
async def test_a_key_that_is_refused_is_not_made(
    access: Access, draft: dict[str, Any] | None, code: str
) -> None:
    given = access.admin._transport._http
    answer = await given.post("/v1/keys", json=draft)

    assert answer.json()["code"] == code
    assert len(await access.admin.keys()) == 1


@pytest.mark.parametrize("record_url", ["sqlite"], indirect=True)
async def test_a_key_that_is_not_there_is_not_replaced_or_revoked(access: Access) -> None:
    for call in (access.admin.rotate_key, access.admin.revoke_key):
        for key_id, code in (("fg_00000000", "UNKNOWN_KEY"), ("x", "INVALID_PARAMETER")):
            with pytest.raises(ApiError) as refused:
                await call(key_id)
            assert refused.value.code == code
    for grace in (-1, 10**9):
        with pytest.raises(ApiError):
            await access.admin.rotate_key((await access.admin.keys())[0].id, grace_seconds=grace)


async def test_another_gateway_learns_of_a_key_and_of_its_end(database: Database) -> None:
    """Two gateways of one record: what one is told, the other does within a second or two."""
    here, there = Keys(database), Keys(database)
    text, stored = key("manager")
    following = asyncio.create_task(there.run())
    try:
        await here.add(stored)
        await until(lambda: there.is_valid(text.id))
        assert there.valid(text.text).role == "manager"
        await database.write(None, revoke_key, text.id, 1)
        await until(lambda: not there.is_valid(text.id))
    finally:
        following.cancel()


async def test_the_last_use_is_kept_and_never_goes_back(database: Database) -> None:
    moment = [5 * HOUR]
    keys = Keys(database, lambda: moment[0])
    text, stored = key("manager", created_at=0)
    await keys.add(stored)
    keys.valid(text.text)
    await keys.uses.tell()
    await database.write(None, note_uses, {stored.id: 4 * HOUR})

    [kept] = (await database.read(None, all_keys)).values()

    assert kept.last_used_at == 5 * HOUR


async def test_a_key_follows_its_store_when_that_is_renamed(database: Database) -> None:
    _, stored = key("till", ["west", "east"])
    await database.write(None, add_key, stored)

    await database.write(None, rename_store, "west", "north")

    [kept] = (await database.read(None, all_keys)).values()
    assert kept.stores == frozenset({"north", "east"})


async def test_a_key_whose_stores_are_lost_is_for_none(database: Database) -> None:
    _, stored = key("manager", ["west"])
    await database.write(None, add_key, stored)
    await database.write(None, lambda c: c.execute(sa.text("DELETE FROM access_key_stores")))

    [kept] = (await database.read(None, all_keys)).values()

    assert kept.stores == frozenset()
