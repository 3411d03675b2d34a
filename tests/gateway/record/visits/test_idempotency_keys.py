"""Idempotency keys: one claim, one answer, for a day."""

import pytest
import sqlalchemy as sa

from contract.errors import Busy, KeyReused
from gateway.record.database import Database
from gateway.record.housekeeping import delete_expired
from gateway.record.visits.idempotency_keys import (
    KEPT,
    IdempotencyKey,
    KeyLease,
    LeaseResult,
    LeaseTimes,
    acquire_key,
    release_key,
    store_answer,
)
from gateway.record.visits.schema import answers

LEASE = 20_000
KEY = IdempotencyKey("store-a", "key 1", "digest")
ONE, TWO = KeyLease(KEY, "one"), KeyLease(KEY, "two")


async def claimed(
    database: Database, lease: KeyLease, now: int = 0, steady: int | None = None
) -> LeaseResult | bytes:
    times = LeaseTimes(now, now if steady is None else steady, LEASE)
    return await database.write(None, acquire_key, lease, times)


async def test_the_first_has_its_turn_and_the_others_get_its_answer(database: Database) -> None:
    assert await claimed(database, ONE) is LeaseResult.ACQUIRED
    assert await claimed(database, TWO) is LeaseResult.HELD
    await database.write(None, store_answer, ONE, b"{}")

    assert await claimed(database, TWO) == b"{}"
    assert await claimed(database, TWO, KEPT - 1) == b"{}"


async def test_a_key_is_free_again_after_a_day(database: Database) -> None:
    await claimed(database, ONE)
    await database.write(None, store_answer, ONE, b"{}")

    another = KeyLease(IdempotencyKey("store-a", "key 1", "of another frame"), "three")
    with pytest.raises(KeyReused):
        await claimed(database, another, KEPT - 1)
    assert await claimed(database, another, KEPT) is LeaseResult.ACQUIRED


async def test_a_clock_that_jumps_ahead_frees_no_key(database: Database) -> None:
    await claimed(database, ONE)
    await database.write(None, store_answer, ONE, b"{}")

    assert await claimed(database, TWO, 31 * KEPT, steady=5) == b"{}"


async def test_a_claim_made_while_the_clock_was_ahead_holds_nobody_up(database: Database) -> None:
    await claimed(database, ONE, 31 * KEPT)

    assert await claimed(database, TWO, 5) is LeaseResult.ACQUIRED


async def test_a_claim_that_nobody_answers_ends(database: Database) -> None:
    await claimed(database, ONE)

    assert await claimed(database, TWO, LEASE - 1) is LeaseResult.HELD
    assert await claimed(database, TWO, LEASE) is LeaseResult.ACQUIRED
    with pytest.raises(Busy):  # the first comes back too late: nothing of it is stored
        await database.write(None, store_answer, ONE, b"late")
    await database.write(None, store_answer, TWO, b"in time")

    assert await claimed(database, ONE, LEASE) == b"in time"


async def test_a_claim_that_was_given_back_is_free(database: Database) -> None:
    await claimed(database, ONE)
    await database.write(None, release_key, ONE)

    assert await claimed(database, TWO) is LeaseResult.ACQUIRED


async def test_a_claim_that_could_not_be_given_back_is_still_its_owners(database: Database) -> None:
    await claimed(database, ONE)

    assert await claimed(database, ONE) is LeaseResult.ACQUIRED


async def test_keys_are_forgotten_when_their_time_is_over(database: Database) -> None:
    def kept(connection: sa.Connection) -> list[str]:
        return list(connection.scalars(sa.select(answers.c.key)))

    await claimed(database, ONE)
    await claimed(database, KeyLease(IdempotencyKey("store-a", "key 2", "digest"), "three"), 1)
    await database.write(None, delete_expired, KEPT)

    assert await database.read(None, kept) == ["key 2"]
