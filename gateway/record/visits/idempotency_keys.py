"""Idempotency keys: a frame that is sent again gets the stored answer and is counted once.

The first request with a key leases it while it works on the answer.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import NamedTuple

import sqlalchemy as sa

from contract.errors import Busy, KeyReused
from gateway.record.upsert import insert_if_absent, insert_into
from gateway.record.visits.schema import answers

KEPT = timedelta(hours=24) // timedelta(milliseconds=1)
"""Milliseconds for which a key is remembered."""


@dataclass(frozen=True)
class IdempotencyKey:
    """The key of a frame from a camera of `store`, and a digest of the whole request."""

    store: str
    key: str
    digest: str

    def matches(self) -> sa.ColumnElement[bool]:
        """Return the condition that finds its row."""
        return (answers.c.store == self.store) & (answers.c.key == self.key)


@dataclass(frozen=True)
class KeyLease:
    """The right of one request, known by its `token`, to answer a key for a while."""

    key: IdempotencyKey
    token: str


class LeaseResult(Enum):
    """Whether a request has got the lease of a key that has no answer yet."""

    ACQUIRED = "acquired"
    HELD = "held by another request"


class LeaseTimes(NamedTuple):
    """When a key is leased, by the clock and by a steady one, and for how long; milliseconds."""

    now: int
    steady: int
    lease: int

    def are_before(self, expires_at: int) -> bool:
        """Say whether an answer that expires then is still valid, by either clock."""
        return expires_at > min(self.now, self.steady)

    def are_within(self, claimed_until: int) -> bool:
        """Say whether a lease is valid; one that ends far ahead was written by a wrong clock."""
        return self.now < claimed_until <= self.now + 2 * self.lease


def acquire_key(
    connection: sa.Connection, lease: KeyLease, times: LeaseTimes
) -> LeaseResult | bytes:
    """Lease the key for this request, or return the answer that is stored for it.

    An expired lease may be taken over: its gateway is gone. Raises KeyReused when the key belongs
    to another frame.
    """
    values = {
        "digest": lease.key.digest,
        "claim": lease.token,
        "claimed_until": times.now + times.lease,
        "body": None,
        "expires_at": times.now + KEPT,
    }
    statement = insert_into(connection, answers).values(
        store=lease.key.store, key=lease.key.key, **values
    )
    if insert_if_absent(connection, statement):
        return LeaseResult.ACQUIRED
    query = sa.select(answers).where(lease.key.matches()).with_for_update()
    row = connection.execute(query).first()
    if row is None:  # released a moment ago
        return LeaseResult.HELD
    if times.are_before(row.expires_at):
        if row.digest != lease.key.digest:
            raise KeyReused(f"{lease.key.key} was sent with another picture or other parameters")
        if row.body is not None:
            return bytes(row.body)
        if times.are_within(row.claimed_until) and row.claim != lease.token:
            return LeaseResult.HELD
    connection.execute(sa.update(answers).where(lease.key.matches()).values(values))
    return LeaseResult.ACQUIRED


def store_answer(connection: sa.Connection, lease: KeyLease, body: bytes) -> None:
    """Store the answer of a leased key, in the transaction that stores its visits.

    Raises Busy when the lease has expired and another request holds the key.
    """
    held = _is_held(lease)
    if connection.execute(sa.update(answers).where(held).values(body=body)).rowcount == 0:
        raise Busy("another request answers this frame")


def release_key(connection: sa.Connection, lease: KeyLease) -> None:
    """End the lease, so that the next request may acquire the key."""
    connection.execute(sa.delete(answers).where(_is_held(lease)))


def delete_expired_keys(connection: sa.Connection, now: int) -> None:
    """Delete the keys that have expired."""
    connection.execute(sa.delete(answers).where(answers.c.expires_at <= now))


def _is_held(lease: KeyLease) -> sa.ColumnElement[bool]:
    """Return the condition of the key's row while `lease` holds it unanswered."""
    return lease.key.matches() & (answers.c.claim == lease.token) & answers.c.body.is_(None)
