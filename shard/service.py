"""One store being served: what the routes share, and its state."""

from collections.abc import Callable, Mapping
from importlib.metadata import version

from contract.errors import NotReady, ReadOnlyReplica, StorageUnavailable
from contract.messages.by_kind import ByKind
from contract.messages.cluster import Counts, ShardStatus
from contract.messages.counting_rates import MeasuredRates
from contract.messages.index_status import IndexKind
from contract.messages.second_model import ChangedOver, SecondModelStatus
from contract.stores.store_map import Store
from encoder import AsyncEncoder, VectorModel
from scoring.cohort import Cohort
from scoring.counting_rates import counting_table
from scoring.score_scale import ScoreScale
from service.background import Background
from service.unused_memory import return_unused_memory
from shard.faces.recent_faces import RecentFaces
from shard.faces.sightings import Sightings
from shard.faces.tracks import Tracks
from shard.gallery.gallery import Gallery
from shard.index.agreement import AgreementCounter
from shard.index.collection import Collection
from shard.metrics import StoreMetrics
from shard.search_batches import SearchBatches
from shard.shared_parts import SharedParts
from shard.threads import Threads


class Service:
    """A store, its threads, and its faces as soon as they are loaded.

    It shares `shared` with the other stores of the process; `encoder` is its share of their encoder
    where it has to have one. With `reencode`, vectors of other models may be in the gallery; they
    are not searched.
    `waiting_for` says why the answers may not be trusted yet: an incomplete gallery would make
    members into strangers. None when they may. `problem` is what is wrong with the gallery's file.
    `index` is how faces are searched where there are many.
    `pictures_left` are those that are there and have no template of one of the two models yet.
    `imported` counts what became of the pictures in the store's folder.
    """

    def __init__(
        self,
        store: Store,
        shared: SharedParts,
        read_only: bool,
        reencode: bool = False,
        *,
        encoder: AsyncEncoder | None = None,
        index: IndexKind = "flat",
    ) -> None:
        self.store = store
        self.index = index
        self.encoder = encoder or shared.encoder
        self.read_only = read_only
        self.reencode = reencode
        self.threads = Threads(shared.threads)
        self.searches = SearchBatches(self.threads)
        self.tracks = Tracks()
        self.recent = RecentFaces()
        self.sightings = Sightings(store.visit_gap.total_seconds())
        self.metrics = StoreMetrics(shared.metrics, store.id)
        self.waiting_for: str | None = _LOADING
        self.problem: str | None = None
        self.imported: Mapping[str, int] = {}
        self.background = Background({})
        self.import_work = Background({})
        self.pictures_left = 0
        self.agreement = AgreementCounter()
        self._shared = shared
        self._collection: Collection | None = None
        self._version = version("facegate")  # reads files: once, not at every question for status
        self.metrics.watch(self.status, lambda: self.encoder.waiting)

    async def load(self, open_gallery: Callable[[], Gallery]) -> None:
        """Open the gallery and build its index. Raises ConfigurationError and StorageError."""
        scale, second_scale = self.scale, self.second_scale

        def load() -> None:
            gallery = open_gallery()
            try:
                with gallery.file.read_while_checked():
                    loaded = self._load(gallery, scale, second_scale)
                self._collection = loaded
            except BaseException:  # whatever it is, the file does not stay open
                gallery.close()
                raise
            return_unused_memory()  # as much as 100,000 faces take, of what they were read by

        await self.threads.record(None, load)

    def _load(
        self, gallery: Gallery, scale: ScoreScale, second_scale: ScoreScale | None
    ) -> Collection:
        encoder, second = self.encoder, None
        if encoder.second is not None and second_scale is not None:
            second = Collection(
                gallery, *encoder.second, second_scale, skip_foreign=True, kind=self.index
            )
            self.agreement.load(gallery.agreements.of(encoder.model, second.model))
        return Collection.load(
            gallery,
            encoder.model,
            encoder.dimension,
            scale,
            skip_foreign=self.reencode,
            second=second,
            kind=self.index,
        )

    async def unload(self) -> None:
        """Close the gallery: nothing of it is answered any more."""
        self.waiting_for = _LOADING
        self.sightings.clear()
        unloaded, self._collection = self._collection, None

        def close() -> None:
            # A load whose task was cancelled goes on to its end on this thread, before this.
            for collection in (unloaded, self._collection):
                if collection is not None:
                    collection.gallery.close()
            self._collection = None

        await self.threads.record(None, close)

    async def close(self) -> None:
        """Close the gallery and end the store's own threads."""
        await self.unload()
        self.threads.close()

    @property
    def collection(self) -> Collection:
        """The store's faces. Raises NotReady before they are loaded, and StorageUnavailable."""
        if self.problem is not None:
            raise StorageUnavailable(self.problem)
        if self._collection is None:
            raise NotReady(self.waiting_for or "the gallery is closed")
        return self._collection

    @property
    def gallery(self) -> Gallery | None:
        """The gallery that is open, whatever may be wrong with it."""
        return None if self._collection is None else self._collection.gallery

    @property
    def scale(self) -> ScoreScale:
        """What the vectors of this encoder's model are scored with. Raises ConfigurationError."""
        return self._shared.scale

    @property
    def second_scale(self) -> ScoreScale | None:
        """What the second model's vectors are scored with, if there is one."""
        return self._shared.second_scale

    @property
    def models(self) -> list[VectorModel]:
        """What makes vectors that can be searched: the served model, and the second if any."""
        served = VectorModel(self.encoder.model, self.encoder.dimension)
        return [served] if self.encoder.second is None else [served, self.encoder.second]

    @property
    def model_names(self) -> list[str]:
        """What the vectors are called that are stored of every picture: of one model, or of two."""
        return [each.model for each in self.models]

    @property
    def cohort(self) -> Cohort:
        """The strangers that faces of this encoder's model are compared with."""
        return self.scale.cohort

    @property
    def loaded(self) -> bool:
        """True when there is a collection."""
        return self._collection is not None

    @property
    def loaded_collection(self) -> Collection | None:
        """The store's faces, whatever may be wrong with them; None before they are loaded."""
        return self._collection

    def complete_collection(self) -> Collection:
        """Return the store's faces. Raises NotReady while some are not in yet, and as above."""
        collection = self.collection
        if self.waiting_for is not None:
            raise NotReady(self.waiting_for)
        return collection

    @property
    def unready(self) -> str | None:
        """Why nobody can be recognized now; None when everybody can be."""
        if self._collection is None or self.problem is not None:
            return self.problem or self.waiting_for or "the gallery is closed"
        return self.waiting_for

    def check_writable(self) -> None:
        """Raise ReadOnlyReplica when another shard writes the gallery."""
        if self.read_only:
            raise ReadOnlyReplica(f"the first shard of {self.store.id} in the map takes the writes")

    def status(self) -> ShardStatus:
        """Return what the gateway needs to know."""
        collection = self._collection
        return ShardStatus(
            store=self.store.id,
            ready=self.waiting_for is None and self.problem is None and not self.encoder.is_stopped,
            read_only=self.read_only,
            model=self.encoder.model or None,
            scale=self.scale.status if self.encoder.model else None,
            counting=self._own_counting(),
            second=self._second_status(collection),
            counts=collection.counts if collection else _NOTHING,
            index=collection.index_status if collection else {},
            kept_pictures=collection.kept_pictures if collection else None,
            seq=collection.seq if collection else 0,
            importing=self.waiting_for,
            problem=self.problem or self.encoder.problem,
            imported=dict(self.imported),
            version=self._version,
            background=[*self.background.statuses, *self.import_work.statuses],
        )

    def _own_counting(self) -> list[MeasuredRates] | None:
        """Return the rates that the model's folder has: the gateway knows the shipped ones."""
        table = self.scale.counting if self.encoder.model else None
        return None if table is None or table is counting_table() else list(table.rates)

    def _second_status(self, collection: Collection | None) -> SecondModelStatus | None:
        second = self.encoder.second
        if second is None:
            return None
        members, visitors = collection.changed_over() if collection else _NOBODY
        return SecondModelStatus(
            model=second.model,
            scale=self.second_scale and self.second_scale.status,
            members=members,
            visitors=visitors,
            pictures_left=self.pictures_left,
            agreement=self.agreement.counted,
        )


_LOADING = "the gallery is being loaded"
_NOBODY = ByKind(ChangedOver(changed=0, of=0), ChangedOver(changed=0, of=0))
_NOTHING = Counts(faces=0, members=0, visitors=0, templates=0)
