"""Receipts: what was erased where, and who still has to confirm."""

from typing import Literal

from pydantic import Field

from contract.messages.message import Message


class ErasedFace(Message):
    """A FaceId and how many templates it had in its store; none: it was gone already."""

    face_id: str
    templates: int


class ReplicaReached(Message):
    """A replica of a store, and whether its index knows of the erasure."""

    address: str
    seq: int | None = None
    reached: bool


class StoreErasure(Message):
    """What a store's shards confirmed. `seq` is the change from which on nothing is left.

    `waiting_for` says who has not confirmed yet; the gateway goes on asking.
    """

    store: str
    confirmed: bool
    confirmed_at: str | None = None
    faces: list[ErasedFace] = Field(default=[])
    seq: int | None = None
    replicas: list[ReplicaReached] = Field(default=[])
    waiting_for: str | None = None


class ErasureReceipt(Message):
    """The receipt of one erasure. The gateway's own record was erased at `requested_at`."""

    erasure: str
    cause: Literal["member", "face", "retention"]
    member_id: str | None = None
    requested_at: str
    completed_at: str | None = None
    complete: bool
    stores: list[StoreErasure]


class ErasureSummary(Message):
    """One erasure in a list. `waiting_for` are the stores that have not confirmed it yet."""

    erasure: str
    cause: Literal["member", "face", "retention"]
    member_id: str | None = None
    requested_at: str
    completed_at: str | None = None
    complete: bool
    waiting_for: list[str] = Field(default=[])


class ErasurePage(Message):
    """Erasures, the last first; `next_after` starts the next page."""

    erasures: list[ErasureSummary]
    next_after: str | None = None


class FaceErasure(ErasureReceipt):
    """The receipt for one FaceId; `templates` are how many its store has erased so far."""

    store: str
    face_id: str
    templates: int
