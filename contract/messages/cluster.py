"""How shards, stores and the chain are."""

from pydantic import Field, JsonValue

from contract.messages.counting_rates import MeasuredRates
from contract.messages.directory.status import DirectoryStatus
from contract.messages.index_status import IndexStatus
from contract.messages.message import Message
from contract.messages.scale import ScaleStatus
from contract.messages.second_model import SecondModelStatus


class Counts(Message):
    """How much a shard holds: FaceIds, those of both kinds, and all their templates.

    `roaming` are the members whom other stores may find.
    """

    faces: int
    members: int
    visitors: int
    templates: int
    roaming: int = 0
    provisional: int = 0


class KeptPictureCounts(Message):
    """Files of enrolled pictures that a store keeps: how many, and how large they are together."""

    pictures: int
    bytes: int


class BackgroundStatus(Message):
    """One piece of what a service does by itself, beside the requests."""

    name: str
    running: bool = Field(description="false between its end and its next beginning")
    failures: int = Field(description="how often it ended unexpectedly since the service started")
    last_error: str | None = None
    failed_at: str | None = None


class ShardStatus(Message):
    """What a shard's `GET /status` answers. `seq` is the store's last change."""

    store: str
    ready: bool
    read_only: bool
    model: str | None
    scale: ScaleStatus | None = Field(
        default=None, description="what the model's scores are worth; null before it is known"
    )
    counting: list[MeasuredRates] | None = Field(
        default=None,
        description=(
            "how often people are counted wrongly, where that was measured with a model of one's"
            " own; for the gateway alone"
        ),
    )
    second: SecondModelStatus | None = Field(
        default=None, description="the model that the store may change over to, if it has one"
    )
    counts: Counts
    index: dict[str, IndexStatus] = Field(
        default={},
        description="how its parts are searched: `roaming` and `resident` members, `visitor`s",
    )
    kept_pictures: KeptPictureCounts | None = Field(
        default=None, description="enrolled pictures whose files are kept; null before it is known"
    )
    seq: int
    importing: str | None = Field(default=None, description="progress of the import at start")
    imported: dict[str, int] = Field(
        default={}, description="what became of the pictures in the store's folder at start"
    )
    problem: str | None = Field(
        default=None,
        description=(
            "what is wrong with the files that the shard keeps or uses, and how to repair them; it"
            " may serve all the same"
        ),
    )
    version: str
    background: list[BackgroundStatus] = []

    @property
    def models(self) -> list[str | None]:
        """Whose vectors it can search: those of the served model, and of the second if any."""
        return [self.model] if self.second is None else [self.model, self.second.model]


class ShardStatuses(Message):
    """What a shard's `GET /statuses` answers: how each of its stores is."""

    stores: list[ShardStatus]


class ReplicaStatus(Message):
    """A replica as the gateway sees it."""

    address: str
    healthy: bool
    in_flight: int
    reason: str | None = None
    status: ShardStatus | None = None


class StoreStatus(Message):
    """A store of the map and its replicas."""

    store: str
    name: str
    cross_store: str
    options: dict[str, str | int | float | bool | None] = Field(
        default={}, description="the map's other options, as they are in force"
    )
    cameras: dict[str, dict[str, JsonValue]] = Field(
        default={}, description="what the map says of cameras; not where their pictures come from"
    )
    healthy: bool
    replicas: list[ReplicaStatus]


class MapStatus(Message):
    """The map that is in force, and what is wrong with the file if it is not this one."""

    version: str
    path: str
    loaded_at: str
    error: str | None = None


class StoredGallery(Message):
    """A gallery in the data folder; `faces` is null when it cannot be read."""

    store: str
    path: str
    faces: int | None


class ClockStatus(Message):
    """Whether the clock is believed: what expires by age waits while it has jumped ahead."""

    steady: bool
    ahead_seconds: int = Field(default=0, description="how far it is ahead of the believed time")
    believed: str | None = Field(default=None, description="the time that things expire by")
    waits_seconds: int = Field(default=0, description="how long until it is believed")


class BrokerStatus(Message):
    """The MQTT broker that is told of visits; `pending` events wait for it."""

    url: str
    connected: bool
    pending: int = 0
    error: str | None = Field(default=None, description="why there is no connection")


class ClusterStatus(Message):
    """What the gateway's `GET /v1/cluster` answers."""

    map: MapStatus
    problem: str | None = Field(
        default=None, description="what is wrong with the gateway's own record"
    )
    orphans: list[StoredGallery] = Field(
        default=[], description="galleries in the gateway's data folder whose store no map names"
    )
    stores: list[StoreStatus]
    background: list[BackgroundStatus] = Field(
        default=[], description="what this gateway does by itself"
    )
    clock: ClockStatus = ClockStatus(steady=True)
    directory: DirectoryStatus | None = Field(
        default=None, description="the directory of members who roam, if there is one"
    )
    mqtt: BrokerStatus | None = Field(
        default=None, description="the MQTT broker that is told of visits, if there is one"
    )


class StoreSummary(Message):
    """One store as users choose it."""

    store: str
    name: str
    healthy: bool
    faces: int | None = None


class StoreList(Message):
    """What the gateway's `GET /v1/stores` answers."""

    stores: list[StoreSummary]
