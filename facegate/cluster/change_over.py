"""How far a store has changed over to its second model, as the shard that writes for it says."""

from dataclasses import dataclass
from typing import Any, Self

from contract.messages.cluster import StoreStatus
from contract.messages.second_model import SecondModelStatus
from facegate.output.plural import pluralize

_FEW = 30
"""Faces that both models have seen: of fewer, how often they agree says little."""


@dataclass(frozen=True)
class ChangeOver:
    """One store: what it serves, and its second model, both by the names of their vectors.

    `second` is None where there is none; `reason` says why nothing is known of the store.
    """

    store: str
    serves: str | None
    second: SecondModelStatus | None
    reason: str | None = None

    @classmethod
    def of(cls, store: StoreStatus) -> Self:
        """Read it from what the gateway knows of a store."""
        for replica in store.replicas:
            if replica.status is not None and not replica.status.read_only:
                reason = None if replica.healthy else replica.reason or "its shard does not answer"
                return cls(store.store, replica.status.model, replica.status.second, reason)
        return cls(store.store, None, None, "the shard that writes for it does not answer")

    @property
    def members_left(self) -> int:
        """How many members the second model does not know."""
        return 0 if self.second is None else self.second.members.of - self.second.members.changed

    def obstacle(self, second: str | None) -> str | None:
        """Return why the store should not be served by the vectors `second` now; None if it can."""
        if self.reason is not None:
            return self.reason
        if self.second is None:
            return "its shard has no second model yet: it has to be started anew with this map"
        if second is not None and self.second.model != second:
            return f"its shard still prepares {self.second.model}: it has to be started anew"
        if self.members_left:
            all_of_them = pluralize(self.second.members.of, "member")
            return f"{self.members_left} of {all_of_them} would not be recognized"
        return None

    @property
    def next_step(self) -> str:
        """A sentence about what to do next."""
        if self.reason is not None:
            return f"{self.reason}: see facegate stores, and the shard's log"
        if self.second is None:
            return "facegate model prepare NAME gives it a second model"
        if self.second.pictures_left:
            return f"wait: {pluralize(self.second.pictures_left, 'picture')} left to describe"
        if self.members_left:
            return (
                f"enrol {pluralize(self.members_left, 'member')} again, or wait for their visits:"
                " no picture of them is there"
            )
        if self.second.agreement.compared < _FEW:
            return "all members have changed over; wait for visits that show how often both agree"
        return f"facegate model switch --store {self.store} serves it by {self.second.model}"

    @property
    def described(self) -> dict[str, Any]:
        """All of it, as JSON has it."""
        return {
            "store": self.store,
            "serves": self.serves,
            "second": self.second and self.second.model_dump(mode="json"),
            "reason": self.reason,
            "next": self.next_step,
        }
