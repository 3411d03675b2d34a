"""Profiles and webhooks' secrets are encrypted in the record where the gateway has a key."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pytest
import sqlalchemy as sa

from contract.errors import ConfigurationError, StorageForeign
from contract.messages.members import MemberDraft
from gateway.record.database import Database
from gateway.record.feed.webhooks import Webhook, find_webhook, put_webhook
from gateway.record.people.members import put_member
from gateway.record.people.schema import members
from gateway.record.resealing import COLUMNS, check_keys, reseal, store_anew, stored_otherwise
from service.sealed_columns import seal_mark
from tests.encryption import NEW, OLD, Keys

PROFILE = {"allergy": "hazelnuts, " * 9, "größe": [1.5, None]}
SECRET = "a secret of a receiver, long enough"
MEMBERS = [f"m-{number}" for number in range(7)]


async def filled(database: Database) -> None:
    for member in MEMBERS:
        await database.write(None, put_member, member, MemberDraft(profile=PROFILE), 1)
    await database.write(None, put_webhook, Webhook("till", "http://t", SECRET, None), ["a"], 1)


class Read(NamedTuple):
    """What the gateway reads: of each member the profile and the version, and the secret."""

    profiles: Sequence[object]
    versions: Sequence[int]
    secret: str | None


async def read(database: Database) -> Read:
    def of(connection: sa.Connection) -> Read:
        rows = connection.execute(sa.select(members.c.profile, members.c.updated_at)).all()
        webhook = find_webhook(connection, "till")
        return Read(
            [row.profile for row in rows],
            [row.updated_at for row in rows],
            webhook.secret if webhook else None,
        )

    return await database.read(None, of)


async def stored(database: Database) -> list[str]:
    """Return what the tables have, as it stands there."""

    def of(connection: sa.Connection) -> list[str]:
        return [
            str(text)
            for key, column in COLUMNS
            for text in connection.scalars(
                sa.text(f"SELECT CAST({column.name} AS TEXT) FROM {key.table.name}")
            )
        ]

    return await database.read(None, of)


def names(text: str) -> str:
    """Return the part of a mark that JSON and text have in common."""
    return text[1:]


async def test_are_stored_encrypted_and_read_as_they_were(
    record_url: str, tmp_path: Path, keys: Keys
) -> None:
    keys(NEW)
    async with Database.at(record_url, tmp_path) as database:
        await filled(database)

        assert all(names(seal_mark()) in text for text in await stored(database))
        found = await read(database)
        assert list(found.profiles) == [PROFILE] * len(MEMBERS)
        assert found.secret == SECRET

    assert not whats_readable(tmp_path)


def whats_readable(folder: Path) -> list[str]:
    """Return what can be read in the files of a folder."""
    content = b"".join(path.read_bytes() for path in folder.iterdir() if path.is_file())
    return [text for text in ("hazelnuts", SECRET) if text.encode() in content]


@pytest.mark.parametrize("most", [3, 500])
async def test_are_stored_anew_with_another_key_and_without(
    record_url: str, tmp_path: Path, keys: Keys, most: int
) -> None:
    keys()
    async with Database.at(record_url, tmp_path) as database:
        await filled(database)
        before = await read(database)
        for lines in ([OLD], [NEW, OLD], ["plain", NEW], [NEW]):
            keys(*lines)
            key, column = COLUMNS[1]
            some = await database.read(None, stored_otherwise, key, column, most)
            assert len(some) == min(most, len(MEMBERS))
            await database.write(None, reseal, key, column, some)
            left = await database.read(None, stored_otherwise, key, column, 500)
            assert len(left) == len(MEMBERS) - len(some)
            assert await read(database) == before, "half of them are stored anew"

            await store_anew(database)

            assert await read(database) == before
            mark = names(seal_mark())
            assert all(
                (mark in text) if mark else ("\\u0001" not in text)
                for text in await stored(database)
            )
            assert bool(whats_readable(tmp_path)) == (not mark and record_url.startswith("sqlite"))
            assert not await database.read(None, stored_otherwise, key, column, 500)


async def test_a_gateway_without_the_key_does_not_start(
    record_url: str, tmp_path: Path, keys: Keys
) -> None:
    keys(OLD)
    async with Database.at(record_url, tmp_path) as database:
        await filled(database)
        for lines in ([], [NEW], ["plain", NEW]):
            keys(*lines)
            with pytest.raises(ConfigurationError, match="FACEGATE_ENCRYPTION_KEYS lacks"):
                await check_keys(database)
        keys(NEW, OLD)
        await check_keys(database)


async def test_what_was_changed_is_not_read(record_url: str, tmp_path: Path, keys: Keys) -> None:
    keys(OLD)
    async with Database.at(record_url, tmp_path) as database:
        await filled(database)
        change = sa.text("UPDATE webhooks SET secret = substr(secret, 1, length(secret) - 8)")
        await database.write(None, lambda connection: connection.execute(change))

        with pytest.raises(StorageForeign):
            await database.read(None, find_webhook, "till")
