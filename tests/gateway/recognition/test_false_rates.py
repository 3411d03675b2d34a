"""The false rate that a store wants is spent once: half at home, half elsewhere."""

from pathlib import Path
from typing import Any

import pytest

from contract.messages.by_kind import ByKind
from contract.messages.cluster import Counts, ShardStatus
from contract.messages.scale import ScaleStatus
from contract.messages.second_model import Agreement, ChangedOver, SecondModelStatus
from contract.stores.map_parser import parse_store_map
from contract.stores.store_map import StoreMap
from gateway.chain.replicas import Replicas
from gateway.recognition.false_rates import FalseRates, RateSplit
from tests.gateway.fake_chain import ANNA, BOB, STRANGER, Chain, running, three_stores
from tests.gateway.fakes import FakeFace, finds, picture

MAP = """
stores:
  home: {shards: 'h:1', threshold: 2%, same_visitor: 6%}
  members: {shards: ['h:2', 'h:3']}
  everyone: {shards: 'h:4', cross_store: everyone}
  nobody: {shards: 'h:5', cross_store: nobody}
"""


def stores() -> StoreMap:
    return parse_store_map(MAP.encode(), Path("stores.yaml"))


def replicas(
    models: dict[str, tuple[str, str | None]] | None = None, **templates: tuple[int, int]
) -> Replicas:
    """Return replicas that have said how many FaceIds, and FaceIds of members, they hold.

    `models` says which they have, the second one as well, where it is not `m` alone.
    """
    known = Replicas()
    for store, (everybody, members) in templates.items():
        visitors = everybody - members
        counts = Counts(
            faces=everybody, members=members, roaming=members, visitors=visitors, templates=0
        )
        model, second = (models or {}).get(store, ("m", None))
        status = ShardStatus(
            store=store,
            ready=True,
            read_only=False,
            model=model,
            second=None if second is None else second_status(second),
            counts=counts,
            seq=1,
            version="0",
        )
        known.of(stores().store(store))[-1].reported(status)
    return known


def second_status(model: str) -> SecondModelStatus:
    nobody = ChangedOver(changed=0, of=0)
    none = Agreement(compared=0, same=0, both_unknown=0, first_only=0, second_only=0, different=0)
    scale = ScaleStatus(kind="safe", made_from="3 people", detail="")
    return SecondModelStatus(
        model=model,
        scale=scale,
        members=nobody,
        visitors=nobody,
        pictures_left=0,
        agreement=none,
    )


def split(
    models: dict[str, tuple[str, str | None]] | None = None, **templates: tuple[int, int]
) -> RateSplit:
    chain = stores()
    home, *others = chain.stores.values()
    rates = FalseRates(replicas(models, **templates))
    of_others = rates.split(home, others)
    assert rates.split_in_chain(chain, home) == of_others
    return of_others


def test_who_cannot_be_found_by_home_s_models_takes_no_part_of_the_rate() -> None:
    """A chain that changes its model store by store: some have both, some one of them."""
    faces: dict[str, Any] = {"home": (10, 5), "members": (100, 60), "everyone": (1000, 0)}

    other = split({"members": ("new", None), "everyone": ("new", None)}, **faces)
    assert other == RateSplit(home=ByKind(0.02, 0.06), others=ByKind(0.02, 0.06), templates=0)
    assert split({"members": ("new", None)}, **faces).templates == 1000
    assert split({"members": ("new", "m")}, **faces).templates == 1060
    assert split({"home": ("m", "new"), "members": ("new", None)}, **faces).templates == 1060


def test_each_side_gets_half_of_the_rate() -> None:
    rates = split(home=(10, 5), members=(100, 60), everyone=(1000, 0), nobody=(7, 7))

    half = ByKind(member=0.01, visitor=0.03)
    assert rates == RateSplit(home=half, others=half, templates=60 + 1000)


@pytest.mark.parametrize(
    "templates",
    [{}, {"home": (10, 5)}, {"members": (9, 9)}, {"home": (10, 10), "nobody": (7, 7)}],
)
def test_an_empty_side_leaves_its_half_to_the_other(templates: dict[str, Any]) -> None:
    rates = split(**templates)

    assert (rates.home, rates.others) == (ByKind(0.02, 0.06),) * 2


def test_what_is_known_of_a_chain_follows_its_shards_and_its_map() -> None:
    chain, known = stores(), replicas(home=(10, 5), members=(100, 60))
    home, rates = chain.store("home"), FalseRates(known)
    assert rates.split_in_chain(chain, home).templates == 60

    counts = Counts(faces=70, members=70, visitors=0, templates=70, roaming=70)
    [_, replica] = known.of(chain.store("members"))
    first = replica.status
    assert first is not None
    replica.reported(first.model_copy(update={"counts": counts}))
    assert rates.split_in_chain(chain, home).templates == 70

    replica.reported(first.model_copy(update={"model": "new"}))
    assert rates.split_in_chain(chain, home).templates == 0

    replica.reported(first)
    replica.failed("timeout", 2)
    assert rates.split_in_chain(chain, home).templates == 0

    replica.reported(first)
    text = MAP.replace("members: {", "members: {cross_store: nobody, ")
    shut = parse_store_map(text.encode(), Path("stores.yaml"))
    assert rates.split_in_chain(chain, home).templates == 60
    assert rates.split_in_chain(shut, shut.store("home")).templates == 0


def test_a_shard_that_has_not_answered_counts_for_nothing() -> None:
    known = replicas(members=(100, 60))
    known.of(stores().store("members"))[-1].failed("timeout", 2)

    assert FalseRates(known).searchable_faces(stores().stores.values()) == 0


async def test_a_camera_spends_half_at_home_and_half_elsewhere(tmp_path: Path) -> None:
    async with running(tmp_path, options={"store-a": {"same_visitor": "4%"}}) as chain:
        await chain.recognize("store-a", STRANGER)

        [home] = chain.shard("store-a").asked("/recognize")
        [elsewhere] = chain.shard("store-b").asked("/search")
        [mint] = chain.shard("store-a").asked("/faces/mint")
        for query in (home.query, elsewhere.query, mint.query):
            assert (query["rate"], query["visitor_rate"]) == ("0.005", "0.02")
        assert elsewhere.query["templates"] == "2"


async def test_without_home_the_others_get_the_whole_rate(chain: Chain) -> None:
    await chain.shard("store-a").stop()

    await chain.recognize("store-a", STRANGER)

    assert chain.shard("store-b").asked("/search")[0].query["rate"] == "0.01"


async def test_an_answer_says_what_a_visitor_of_another_store_needed(tmp_path: Path) -> None:
    stores = three_stores()
    stores["store-b"][0].faces["v-1"] = FakeFace(STRANGER, "visitor")
    options = {"store-b": {"cross_store": "everyone"}, "store-a": {"same_visitor": "0.6%"}}
    async with running(tmp_path, stores, options) as chain:
        [roaming] = (await chain.recognize("store-a", STRANGER))["faces"]

        assert (roaming["face_id"], roaming["threshold"]) == ("v-1", pytest.approx(0.7))


async def test_a_shard_that_has_one_limit_for_both_is_understood(tmp_path: Path) -> None:
    async with running(tmp_path, options={"store-a": {"same_visitor": "1%"}}) as chain:
        chain.shard("store-b").faults["/search"] = finds(kind="visitor")

        [roaming] = (await chain.recognize("store-a", STRANGER))["faces"]

        assert (roaming["match"], roaming["face_id"], roaming["threshold"]) == ("roaming", "x", 0.5)


async def test_a_picture_search_gives_each_store_its_own_rate_over_all(tmp_path: Path) -> None:
    async with running(tmp_path, options={"store-b": {"threshold": "0.1%"}}) as chain:
        await chain.http.post("/v1/search", content=picture(BOB))

        asked = [chain.shard(store).asked("/search")[0].query for store in chain.stores]
        assert [query["rate"] for query in asked] == ["0.01", "0.001", "0.01"]
        assert {query["templates"] for query in asked} == {"3"}


async def test_an_answer_says_what_was_needed_where_it_was_found(tmp_path: Path) -> None:
    async with running(tmp_path, options={"store-a": {"threshold": "0.8%"}}) as chain:
        [home, roaming, unknown] = (
            await chain.recognize("store-a", ANNA, BOB, STRANGER, mint=False, candidates=1)
        )["faces"]

        assert [face["threshold"] for face in (home, roaming, unknown)] == [0.6, 0.6, 0.6]
        assert home["candidates"][0]["passes"]
        assert not unknown["candidates"][0]["passes"]
