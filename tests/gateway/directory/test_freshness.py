"""Of which stores the directory knows everything, and since when it may not."""

from contract.messages.cluster import Counts, ShardStatus
from contract.stores.store_map import Store
from gateway.chain.replicas import Replicas
from gateway.directory.freshness import STALE_SECONDS, Freshness
from gateway.directory.tables.entries import StoreState

STORE = Store.model_validate({"id": "east", "shards": ["127.0.0.1:5001"]})
MODEL = "model-1"


def state(seq: int, model: str = MODEL) -> StoreState:
    return StoreState(model, "cohort-1", seq, 1)


class Watched:
    """A store that says how it is, and a clock."""

    def __init__(self) -> None:
        self.replicas = Replicas()
        self.late = 0.0
        self.freshness = Freshness(self.replicas, lambda: self.reported_at + self.late)

    @property
    def reported_at(self) -> float:
        return self.replicas.writer(STORE).reported_at

    def says(self, seq: int, model: str = MODEL) -> None:
        counts = Counts(faces=1, members=1, visitors=0, templates=1, roaming=1)
        status = ShardStatus(
            store="east",
            ready=True,
            read_only=False,
            model=model,
            counts=counts,
            seq=seq,
            version="0.1.0",
        )
        self.replicas.writer(STORE).reported(status)

    def is_known(self, states: dict[str, StoreState]) -> bool:
        self.freshness.update([STORE], states)
        return "east" in self.freshness.ages([STORE])


def test_a_store_is_known_when_its_last_change_is_in_the_directory() -> None:
    store = Watched()
    store.says(7)

    assert not store.is_known({})
    assert not store.is_known({"east": state(6)})
    assert store.is_known({"east": state(7)})
    assert store.is_known({"east": state(8)})
    assert not Watched().is_known({"east": state(7)})


def test_what_was_known_is_used_for_a_while_and_says_how_old_it_is() -> None:
    store = Watched()
    store.says(7)
    assert store.is_known({"east": state(7)})
    store.late = 5.0

    assert store.freshness.ages([STORE]) == {"east": 5.0}
    store.late = STALE_SECONDS + 1
    assert store.freshness.ages([STORE]) == {}


def test_only_stores_of_the_same_model_and_strangers_can_be_compared() -> None:
    store = Watched()
    store.says(7)
    assert store.is_known({"east": state(7)})

    def comparable(model: str, cohort: str | None) -> dict[str, float]:
        return store.freshness.comparable_ages([STORE], model, cohort)

    assert comparable(MODEL, "cohort-1") == {"east": 0.0}
    assert comparable(MODEL, "cohort-2") == comparable("model-2", "cohort-1") == {}
    everyone = STORE.model_copy(update={"cross_store": "everyone"})
    assert store.freshness.comparable_ages([everyone], MODEL, "cohort-1") == {}
    store.late = STALE_SECONDS + 1
    assert comparable(MODEL, "cohort-1") == {}


def test_a_store_that_goes_on_is_behind_and_used_until_it_is_too_old() -> None:
    store = Watched()
    store.says(7)
    assert store.is_known({"east": state(7)})
    store.says(8)

    assert store.is_known({"east": state(7)})
    assert store.freshness.is_behind(STORE)


def test_a_directory_of_a_former_time_is_not_used() -> None:
    store = Watched()
    store.says(7)
    assert store.is_known({"east": state(7)})

    assert not store.is_known({"east": state(5)})


def test_vectors_of_another_model_are_not_known() -> None:
    store = Watched()
    store.says(7, "model-2")

    assert not store.is_known({"east": state(7)})
    assert store.freshness.is_behind(STORE)


def test_others_than_members_who_may_be_found_are_not_in_a_directory() -> None:
    everyone = STORE.model_copy(update={"cross_store": "everyone"})
    store = Watched()
    store.says(7)
    store.freshness.update([everyone], {"east": state(7)})

    assert store.freshness.ages([everyone]) == {}
