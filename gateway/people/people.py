"""The care for people's data: members, erasures, and what shards have to be told of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Self

from contract.stores.store_map import StoreMap
from gateway.chain.replicas import Replicas
from gateway.chain.shards import Shards
from gateway.clock.clock import Clock, now
from gateway.people.enrollments import Enrollments
from gateway.people.erasures import Erasures
from gateway.people.members import Members
from gateway.people.merges import Merges
from gateway.people.mistaken import Strangers
from gateway.people.reconciliation import Reconciliation
from gateway.people.renames import Renames
from gateway.people.retention import Retention
from gateway.periodic import repeat
from gateway.recognition.fan_out import FanOut
from gateway.recognition.member_names import MemberNames
from gateway.record.database import Database
from gateway.shard_updates.shard_updates import Alignment
from gateway.shard_updates.updates import Apart, Bindings, Duty, Merged, Renamed
from service.background import Job


@dataclass(frozen=True)
class Care:
    """The services about people, and the work that they do by themselves."""

    alignment: Alignment
    enrollments: Enrollments
    erasures: Erasures
    members: Members
    merges: Merges
    renames: Renames
    retention: Retention
    reconciliation: Reconciliation

    @classmethod
    def of(
        cls,
        database: Database,
        shards: Shards,
        *,
        names: MemberNames,
        fan_out: FanOut,
        replicas: Replicas,
        current: Callable[[], StoreMap],
        steady: Clock,
        clock: Clock = now,
    ) -> Self:
        """Wire the services; what expires does so by the `steady` clock."""
        duties: list[Duty] = [
            Renamed(database, shards, clock),
            Merged(database, shards, clock),
            Apart(database, shards, clock),
            Bindings(database, shards),
        ]
        alignment = Alignment(duties, shards, current)
        erasures = Erasures(
            database,
            shards,
            names=names,
            current=current,
            clock=clock,
        )
        members = Members(database, alignment, shards, names=names, clock=clock)
        return cls(
            alignment,
            Enrollments(database, members, alignment, shards, current=current, clock=clock),
            erasures,
            members,
            Merges(
                database,
                alignment,
                shards,
                Strangers(shards),
                clock=clock,
            ),
            Renames(database, alignment, shards, clock=clock),
            Retention(database, shards, erasures, current=current, steady=steady),
            Reconciliation(
                database,
                shards,
                alignment,
                fan_out=fan_out,
                replicas=replicas,
                current=current,
                clock=clock,
            ),
        )

    async def start(self) -> None:
        """Remember what an earlier process left undone, before anybody is recognised."""
        await self.alignment.start()
        await self.erasures.start()

    @property
    def work(self) -> Mapping[str, Job]:
        """What is done by itself, by its name."""
        return {
            "enrolments": partial(
                repeat, self.enrollments.step, 1, "interrupted enrolments cannot be ended"
            ),
            "erasures": partial(repeat, self.erasures.step, 1, "shards cannot be asked to erase"),
            "decisions": partial(
                repeat, self.alignment.step, 1, "shards cannot be told what was decided"
            ),
            "reconciliation": partial(
                repeat, self.reconciliation.step, 2, "provisional FaceIds cannot be reconciled"
            ),
            "retention": partial(
                repeat, self.retention.step, 600, "expired visitors cannot be erased"
            ),
        }
