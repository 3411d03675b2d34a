"""The care for people's data: members, erasures, and what shards have to be told of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Self

from contract.background import Work
from contract.store_map import StoreMap
from gateway.alignment import Alignment
from gateway.clock import Clock, now
from gateway.duties import Apart, Bindings, Duty, Merged, Renamed
from gateway.enrolments import Enrolments
from gateway.erasures import Erasures
from gateway.fan_out import FanOut
from gateway.member_names import MemberNames
from gateway.members import Members
from gateway.merges import Merges
from gateway.orders import Orders
from gateway.reconciliation import Reconciliation
from gateway.record.database import Database
from gateway.renames import Renames
from gateway.replicas import Replicas
from gateway.retention import Retention
from gateway.routing import Router
from gateway.shard_client import ShardClient
from gateway.strangers import Strangers
from gateway.upkeep import repeat


@dataclass(frozen=True)
class Care:
    """The services about people, and the work that they do by themselves."""

    alignment: Alignment
    enrolments: Enrolments
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
        router: Router,
        client: ShardClient,
        *,
        names: MemberNames,
        fan_out: FanOut,
        replicas: Replicas,
        current: Callable[[], StoreMap],
        steady: Clock,
        clock: Clock = now,
    ) -> Self:
        """Wire the services; what expires does so by the `steady` clock."""
        orders = Orders(router, client)
        duties: list[Duty] = [
            Renamed(database, orders, clock),
            Merged(database, orders, clock),
            Apart(database, orders, clock),
            Bindings(database, orders),
        ]
        alignment = Alignment(duties, router, router.arrears, current)
        erasures = Erasures(
            database,
            router,
            client,
            orders,
            router.arrears,
            names=names,
            current=current,
            clock=clock,
        )
        members = Members(database, alignment, router, client, names=names, clock=clock)
        return cls(
            alignment,
            Enrolments(database, members, alignment, router, client, current=current, clock=clock),
            erasures,
            members,
            Merges(
                database,
                alignment,
                router,
                client,
                Strangers(router, client, orders),
                clock=clock,
            ),
            Renames(database, alignment, router, client, clock=clock),
            Retention(database, orders, erasures, current=current, steady=steady),
            Reconciliation(
                database,
                router,
                orders,
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
    def work(self) -> Mapping[str, Work]:
        """What is done by itself, by its name."""
        return {
            "enrolments": partial(
                repeat, self.enrolments.step, 1, "interrupted enrolments cannot be ended"
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
