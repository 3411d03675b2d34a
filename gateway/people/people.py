"""All services about people, wired together: members, erasures, enrolments, merges."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Self

from contract.messages.looking_again import LookReport
from contract.stores.daily_hours import DailyHours
from contract.stores.store_map import StoreMap
from gateway.audit.tell import Tell
from gateway.chain.replicas import Replicas
from gateway.chain.shards import Shards
from gateway.clock.clock import Clock, now
from gateway.directory.directory import Directory
from gateway.people.enrollments import Enrollments
from gateway.people.erasure_delivery import ErasureDelivery
from gateway.people.erasures import Erasures
from gateway.people.imports.imports import Imports
from gateway.people.imports.pace import Pace
from gateway.people.looking_again import LookingAgain
from gateway.people.members import Members
from gateway.people.merges import Merges
from gateway.people.privacy.person_exports import PersonExports
from gateway.people.privacy.privacy_desk import PrivacyDesk
from gateway.people.reconciliation import Reconciliation
from gateway.people.renames import Renames
from gateway.people.retention import Retention
from gateway.people.sighting_minting import SightingMinting
from gateway.periodic import repeat
from gateway.recognition.fan_out import FanOut
from gateway.recognition.member_names import MemberNames
from gateway.record.database import Database
from gateway.shard_updates.shard_updates import ShardUpdates
from gateway.shard_updates.updates import (
    BindingUpdates,
    DistinctionUpdates,
    MergeUpdates,
    RenameUpdates,
    ShardUpdate,
)
from service.background import Job


@dataclass(frozen=True)
class People:
    """The services about people, and their background work."""

    updates: ShardUpdates
    enrollments: Enrollments
    erasures: Erasures
    erasure_delivery: ErasureDelivery
    members: Members
    imports: Imports
    merges: Merges
    renames: Renames
    retention: Retention
    reconciliation: Reconciliation
    looking_again: LookingAgain
    exports: PersonExports
    privacy: PrivacyDesk

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
        tell: Tell,
        clock: Clock = now,
        quiet_hours: DailyHours | None = None,
        looked: Callable[[LookReport], None] = lambda report: None,
        directory: Directory | None = None,
        persons_alarm: int | None = None,
        import_minutes: float = 1440,
        import_bytes: int = 500_000_000,
    ) -> Self:
        """Wire the services; what expires does so by the `steady` clock.

        Without `quiet_hours` visitors are looked at again only when somebody asks for it. `looked`
        is told what came of it. A `directory` follows what is decided. What is decided without a
        request is told to the audit trail by `tell`. It is said when there are as many persons as
        `persons_alarm`. An import has `import_minutes` and at most
        `import_bytes`.
        """
        kinds: list[ShardUpdate] = [
            RenameUpdates(database, shards, clock),
            MergeUpdates(database, shards, clock),
            DistinctionUpdates(database, shards, clock),
            BindingUpdates(database, shards),
        ]
        updates = ShardUpdates(kinds, shards, current, directory)
        delivery = ErasureDelivery(
            database, shards, current=current, clock=clock, directory=directory
        )
        erasures = Erasures(database, shards, delivery, names=names, current=current, clock=clock)
        members = Members(database, updates, shards, names, clock)
        return cls(
            updates,
            Enrollments(database, members, updates, shards, current=current, clock=clock),
            erasures,
            delivery,
            members,
            Imports(
                members,
                current,
                Pace(replicas.are_asked),
                tell=tell,
                seconds=60 * import_minutes,
                most_bytes=import_bytes,
            ),
            Merges(database, updates, shards, SightingMinting(shards), clock),
            Renames(database, updates, shards, clock),
            Retention(database, shards, erasures, current=current, steady=steady, tell=tell),
            Reconciliation(
                database,
                shards,
                updates,
                fan_out=fan_out,
                replicas=replicas,
                current=current,
                tell=tell,
                clock=clock,
            ),
            LookingAgain(
                database,
                shards,
                updates,
                fan_out=fan_out,
                replicas=replicas,
                current=current,
                tell=tell,
                quiet_hours=quiet_hours,
                looked=looked,
                clock=clock,
            ),
            PersonExports(database, shards, current, clock),
            PrivacyDesk(database, replicas, current=current, alarm=persons_alarm),
        )

    async def start(self) -> None:
        """Mark the stores stale that need updates, before anybody is recognised."""
        await self.updates.start()
        await self.erasure_delivery.start()

    @property
    def work(self) -> Mapping[str, Job]:
        """The background work, by its name."""
        return {
            "enrolments": partial(
                repeat, self.enrollments.step, 1, "interrupted enrolments cannot be ended"
            ),
            "erasures": partial(
                repeat, self.erasure_delivery.step, 1, "shards cannot be asked to erase"
            ),
            "decisions": partial(
                repeat, self.updates.step, 1, "shards cannot be told what was decided"
            ),
            "reconciliation": partial(
                repeat, self.reconciliation.step, 2, "provisional FaceIds cannot be reconciled"
            ),
            "looking again": partial(
                repeat, self.looking_again.step, 60, "visitors cannot be looked at again"
            ),
            "retention": partial(
                repeat, self.retention.step, 600, "expired visitors cannot be erased"
            ),
            "imports": partial(repeat, self.imports.step, 1, "an import cannot go on"),
            "privacy": partial(repeat, self.privacy.step, 600, "persons cannot be counted"),
        }
