"""Answers kept by idempotency key, so that a frame sent again is answered again, not counted."""

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import NamedTuple

import sqlalchemy as sa

from contract.errors import Busy, KeyReused
from gateway.record.insertion import added, insert
from gateway.record.schema import answers

KEPT = timedelta(hours=24) // timedelta(milliseconds=1)
"""Milliseconds for which a key is remembered."""


@dataclass(frozen=True)
class FrameKey:
    """What a camera of `store` calls a frame, and a digest of everything that it asked with it."""

    store: str
    key: str
    digest: str

    def is_it(self) -> sa.ColumnElement[bool]:
        """Return the condition that finds its row."""
        return (answers.c.store == self.store) & (answers.c.key == self.key)


@dataclass(frozen=True)
class Claim:
    """The right of one request to answer a key; `token` tells it from others'."""

    key: FrameKey
    token: str


class Claimed(Enum):
    """What a request that has no answer yet finds out: it is its turn, or another's."""

    YES = "yes"
    ANOTHER_IS_AT_IT = "another is at it"


class Moments(NamedTuple):
    """When a key is claimed, by the clock and by a steady one, and for how many milliseconds."""

    now: int
    steady: int
    lease: int

    def are_before(self, expires_at: int) -> bool:
        """Say whether what expires then has not expired, by either clock."""
        return expires_at > min(self.now, self.steady)

    def are_within(self, claimed_until: int) -> bool:
        """Say whether a claim stands; one from far ahead is of a clock that was."""
        return self.now < claimed_until <= self.now + 2 * self.lease


def claim_answer(connection: sa.Connection, claim: Claim, moments: Moments) -> Claimed | bytes:
    """Return the answer of the key, or whether this request shall give it before its lease ends.

    A claim that was not answered in its time is anybody's: its gateway is gone. Raises KeyReused
    when the key belongs to another frame.
    """
    values = {
        "digest": claim.key.digest,
        "claim": claim.token,
        "claimed_until": moments.now + moments.lease,
        "body": None,
        "expires_at": moments.now + KEPT,
    }
    statement = insert(connection, answers).values(
        store=claim.key.store, key=claim.key.key, **values
    )
    if added(connection, statement):
        return Claimed.YES
    query = sa.select(answers).where(claim.key.is_it()).with_for_update()
    row = connection.execute(query).first()
    if row is None:  # released a moment ago
        return Claimed.ANOTHER_IS_AT_IT
    if moments.are_before(row.expires_at):
        if row.digest != claim.key.digest:
            raise KeyReused(f"{claim.key.key} was sent with another picture or other parameters")
        if row.body is not None:
            return bytes(row.body)
        if moments.are_within(row.claimed_until) and row.claim != claim.token:
            return Claimed.ANOTHER_IS_AT_IT
    connection.execute(sa.update(answers).where(claim.key.is_it()).values(values))
    return Claimed.YES


def keep_answer(connection: sa.Connection, claim: Claim, body: bytes) -> None:
    """Store the answer in the transaction that stores its visits.

    Raises Busy when the claim was not answered in its time and another request has it.
    """
    mine = claim.key.is_it() & (answers.c.claim == claim.token) & answers.c.body.is_(None)
    if connection.execute(sa.update(answers).where(mine).values(body=body)).rowcount == 0:
        raise Busy("another request answers this frame")


def release_claim(connection: sa.Connection, claim: Claim) -> None:
    """Let the next request with this key have its turn."""
    mine = claim.key.is_it() & (answers.c.claim == claim.token) & answers.c.body.is_(None)
    connection.execute(sa.delete(answers).where(mine))


def forget_expired(connection: sa.Connection, now: int) -> None:
    """Forget the keys whose time is over."""
    connection.execute(sa.delete(answers).where(answers.c.expires_at <= now))
