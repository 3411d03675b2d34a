"""Many shards, of every kind of index, answer as one flat index over all faces would."""

import json
import threading
from base64 import b64encode
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import chain as joined
from itertools import cycle
from typing import Any, NamedTuple, get_args

import httpx
import pytest
import uvicorn
from fastapi import FastAPI

from contract.messages.index_status import IndexKind
from contract.stores.map_parser import load_store_map
from contract.stores.store_header import header_of
from contract.vectors import pack, unpack
from encoder import Face, FaceBox
from gateway.app import create_app as create_gateway
from gateway.settings import GatewaySettings
from scoring.false_rate import rate_per_side
from scoring.score_scale import ScoreScale
from scoring.scoring_data import load_scoring_data
from shard.app import create_app as create_shard
from shard.service import Service as StoreService
from shard.settings import ShardSettings
from tests import plain_http
from tests.cluster.known_people import Likeness, People, Person, drawn_people, photographed_people
from tests.cluster.processes import wait_until
from tests.pictures import SHARED
from tests.ports import free_port
from tests.shard.fakes import CLEAR, FakeEncoder

STORES = [f"store-{n}" for n in range(7)]
RATE = 0.01
CANDIDATES = 5
LISTED = 20
"""FaceIds from which a part gets inverted lists here."""
SCALE = ScoreScale.measured(load_scoring_data())
MODEL = SCALE.model
threshold = SCALE.parameters.threshold


class VectorEncoder(FakeEncoder):
    """Takes a picture for the vector that it is: faces are compared here, not encoded."""

    def __init__(self) -> None:
        super().__init__(MODEL, 128)

    def faces_in(self, picture: bytes, to_enroll: bool) -> list[Face]:
        box = FaceBox(0, 100, 100, 0)
        vectors = unpack(picture, self.dimension)
        return [Face(box, vector, confidence=1.0, quality=CLEAR) for vector in vectors]


@contextmanager
def serving(app: FastAPI, port: int) -> Iterator[str]:
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_config=None, access_log=False))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        wait_until(lambda: server.started or not thread.is_alive(), "the server started")
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="module", params=["drawn", "photographed"])
def people(slow: None, request: pytest.FixtureRequest) -> People:
    if request.param == "drawn":
        return drawn_people(SCALE.cohort)
    if not (SHARED / "lfw").is_dir():
        pytest.skip("needs ../shared/lfw")
    return photographed_people()


class Chain(NamedTuple):
    """A gateway, the stores that have inverted lists, and the store of each person."""

    gateway: httpx.Client
    listed: set[str]
    home: dict[str, str]

    def may_miss(self, likeness: Likeness) -> bool:
        """Say whether somebody is in lists, of which a search looks through some."""
        return self.home[likeness.person.name] in self.listed


@pytest.fixture(scope="module", params=[1, 3], ids=["store a shard", "three stores a shard"])
def chain(
    people: People, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Chain]:
    folder = tmp_path_factory.mktemp("chain")
    stores = folder / "stores.yaml"
    per_shard: int = request.param
    shards = [STORES[first : first + per_shard] for first in range(0, len(STORES), per_shard)]
    ports = {store: port for together in shards for port in [free_port()] for store in together}
    options = {
        store: {"shards": f"127.0.0.1:{ports[store]}", "index": kind}
        for together, kind in zip(shards, cycle(get_args(IndexKind)), strict=False)
        for store in together
    }
    ports["gateway"] = free_port()
    stores.write_text(json.dumps({"version": 1, "stores": options}))
    store_map = load_store_map(stores)
    served: list[StoreService] = []
    with ExitStack() as running:
        for together in shards:
            settings = ShardSettings(store=tuple(together), stores=stores, data=folder / "data")
            app = create_shard(settings, [*map(store_map.store, together)], VectorEncoder())
            running.enter_context(serving(app, ports[together[0]]))
            served += app.state.services
        wait_until(lambda: _all_ready(ports), "every store is ready")
        app = create_gateway(
            GatewaySettings(
                stores=stores, data=folder / "data", port=ports["gateway"], fan_out_ms=10_000
            )
        )
        url = running.enter_context(serving(app, ports["gateway"]))
        client = running.enter_context(plain_http.Client(base_url=url))
        home = _enroll(client, people)
        listed = {service.store.id for service in served if _has_lists(service)}
        counts = len(people.known), len(people.roaming)
        wait_until(lambda: _counts(client) == counts, "the gateway knows all counts")
        yield Chain(client, listed, home)


def _enroll(client: httpx.Client, people: People) -> dict[str, str]:
    """Have all people known, each in the next store; return the store of each."""
    home: dict[str, str] = {}
    for person in people.known:
        beside = home.get(person.apart_from or "")
        home[person.name] = beside or STORES[len(home) % len(STORES)]
    for store in STORES:
        _import(client, store, [p for p in people.roaming if home[p.name] == store])
    call(client, "PUT", "/v1/members/alone", json={"consent": {"cross_store": False}})
    for person in people.known:
        store = home[person.name]
        if not person.roams:
            _enroll_alone(client, store, person)
        if person.is_merged:
            both = {
                role: {"store": store, "face_id": name}
                for role, name in (("into", person.name), ("from", person.alias))
            }
            assert not call(client, "POST", "/v1/faces/merge", json=both)["pending"]
        if person.apart_from is not None:
            other, path = {"face_id": person.apart_from}, f"/v1/stores/{store}/faces/{person.name}"
            assert not call(client, "POST", f"{path}/not", json=other)["pending"]
    return home


def _import(client: httpx.Client, store: str, people: Sequence[Person]) -> None:
    """Have people known whom other stores may find, all at once."""
    named = []
    for person in people:
        names = [person.name] * len(person.vectors)
        if person.is_merged:
            names[-1] = person.alias
        for name, vector in zip(names, person.vectors, strict=True):
            named.append({"face_id": name, "vector": b64encode(pack(vector)).decode()})
    path = f"/v1/stores/{store}/faces/vectors"
    answer = call(client, "POST", path, json={"model": MODEL, "faces": named})
    assert answer["enrolled"] == len(named)


def _enroll_alone(client: httpx.Client, store: str, person: Person) -> None:
    """Have somebody known whom no other store may find."""
    given = {"face_id": person.name, "force": True, "member_id": "alone"}
    [vector] = person.vectors
    call(client, "POST", f"/v1/stores/{store}/faces", params=given, content=pack(vector))


def call(client: httpx.Client, method: str, path: str, **given: Any) -> Any:
    answer = client.request(method, path, **given)
    assert answer.is_success, answer.text
    return answer.json()


def _all_ready(ports: dict[str, int]) -> bool:
    return all(
        plain_http.get(
            f"http://127.0.0.1:{ports[store]}/readyz", headers=header_of(store)
        ).status_code
        == 200
        for store in STORES
    )


def _statuses(client: httpx.Client) -> dict[str, Any]:
    stores = client.get("/v1/cluster").json()["stores"]
    return {store["store"]: store["replicas"][0]["status"] for store in stores}


def _counts(client: httpx.Client) -> tuple[int, int]:
    """Return how many members the gateway believes that there are, and that roam: thresholds hang
    on it."""
    counts = [status["counts"] for status in _statuses(client).values()]
    return sum(each["members"] for each in counts), sum(each["roaming"] for each in counts)


def _has_lists(service: StoreService) -> bool:
    """Have a store make its lists where it wants any and has enough faces; say whether it has."""
    if service.index == "ivf_flat":
        service.collection.make_lists(lambda: None, LISTED)
    return service.collection.index_status["roaming"].kind == "ivf_flat"


def close(value: float) -> Any:
    """Return what equals `value` but for the rounding of float32, which scores magnify."""
    return pytest.approx(value, abs=5e-3, rel=1e-3)


def is_theirs(likeness: Likeness, everyone: list[Likeness]) -> bool:
    """Say whether nobody is more alike who was told apart from them, whether or not they roam."""
    name, other = likeness.person.name, likeness.person.apart_from
    rivals = (each for each in everyone if each.person.apart_from == name)
    named = (each for each in everyone if each.person.name == other)
    return all(rival.score < likeness.score for rival in joined(rivals, named))


def test_lists_are_there_where_a_store_wants_them_and_has_enough(
    people: People, chain: Chain
) -> None:
    is_enough = len(people.known) // len(STORES) >= LISTED
    assert bool(chain.listed) == is_enough


def test_searching_all_stores_equals_one_flat_index(people: People, chain: Chain) -> None:
    needed = threshold(len(people.roaming), RATE)
    for probe, everyone in zip(people.probes, people.flat_search(SCALE.cohort), strict=True):
        answer = chain.gateway.post(
            "/v1/search", params={"candidates": CANDIDATES}, content=pack(probe)
        )
        [face] = answer.json()["faces"]

        seen = {candidate["face_id"] for candidate in face["candidates"]}
        best = [
            each
            for each in everyone
            if each.person.roams and (each.person.name in seen or not chain.may_miss(each))
        ]
        assert [(c["face_id"], c["store"], c["score"]) for c in face["candidates"]] == [
            (n.person.name, chain.home[n.person.name], close(n.score)) for n in best[:CANDIDATES]
        ]
        distances = [candidate["distance"] for candidate in face["candidates"]]
        assert distances == [close(each.distance) for each in best[:CANDIDATES]]
        named = face["match"] and face["match"]["face_id"]
        matching = (
            each.person.name
            for each in everyone
            if each.person.roams and each.score >= needed and is_theirs(each, everyone)
        )
        assert named == next(matching, None)


def test_every_store_names_whom_the_flat_index_names(people: People, chain: Chain) -> None:
    """A camera's own store comes first, each side with half of the rate; else the best of all."""
    recognized = 0
    for n, everyone in enumerate(people.flat_search(SCALE.cohort)):
        camera = STORES[n % len(STORES)]
        answer = chain.gateway.post(
            f"/v1/stores/{camera}/recognize",
            params={"mint": False},
            content=pack(people.probes[n]),
        )
        [face] = answer.json()["faces"]
        here = [each for each in everyone if chain.home[each.person.name] == camera]
        others = [each for each in everyone if each not in here and each.person.roams]
        rate = rate_per_side(RATE, len(here), len(others))
        needed_home, needed_others = threshold(len(here), rate), threshold(len(others), rate)
        known = [p for p in here if p.score >= needed_home and is_theirs(p, everyone)]
        known += [p for p in others if p.score >= needed_others and is_theirs(p, everyone)]

        if not known:
            assert (face["match"], face["face_id"]) == ("unknown", None)
            assert face["threshold"] == close(needed_others)
            continue
        recognized += 1
        name = known[0].person.name
        assert (face["face_id"], face["store"]) == (name, chain.home[name])
        at_home_now = chain.home[name] == camera
        assert face["match"] == ("home" if at_home_now else "roaming")
        assert face["threshold"] == close(needed_home if at_home_now else needed_others)
        assert face["distance"] == close(known[0].distance)
        assert face["score"] == close(known[0].score)
    assert recognized > len(people.probes) / 4


def test_who_is_most_like_somebody_told_apart_is_not_taken_for_the_other(
    people: People, chain: Chain
) -> None:
    """Of twins, one of whom no other store may find: nor do they find the other instead."""
    twins = [person for person in people.known if person.apart_from is not None]
    for twin in twins:
        camera = next(store for store in STORES if store != chain.home[twin.name])
        answer = chain.gateway.post(
            f"/v1/stores/{camera}/recognize",
            params={"mint": False},
            content=pack(twin.vectors[0]),
        )
        [face] = answer.json()["faces"]
        assert face["match"] == "unknown"
