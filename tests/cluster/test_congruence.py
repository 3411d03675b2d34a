"""Many shards, of every kind of index, answer as one flat index over all faces would."""

import json
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import cycle
from typing import Any, NamedTuple, get_args

import faiss
import httpx
import numpy as np
import pytest
import uvicorn
from fastapi import FastAPI

from contract.messages.index_status import IndexKind
from contract.stores.map_parser import load_store_map
from contract.stores.store_header import header_of
from contract.vectors import Vector, Vectors, pack, unpack
from encoder import Face, FaceBox, load_encoder
from gateway.app import create_app as create_gateway
from gateway.settings import GatewaySettings
from scoring.cohort import distance_of, pair_scores, unit
from scoring.false_rate import rate_per_side
from scoring.score_scale import ScoreScale
from scoring.scoring_data import load_scoring_data
from shard.app import create_app as create_shard
from shard.settings import ShardSettings
from tests import plain_http
from tests.cluster.processes import wait_until
from tests.pictures import SHARED
from tests.ports import free_port
from tests.shard.fakes import CLEAR, FakeEncoder

STORES = [f"store-{n}" for n in range(7)]
RATE = 0.01
CANDIDATES = 5
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


class People(NamedTuple):
    """`gallery` has a row for each of `names`; `probes` are other pictures, of strangers too."""

    names: list[str]
    gallery: Vectors
    probes: Vectors


def random_people() -> People:
    """Return 300 points on a sphere, and probes near them or near no one."""
    rng = np.random.default_rng(7)
    gallery = rng.normal(size=(300, 128))
    gallery /= np.linalg.norm(gallery, axis=1, keepdims=True)
    near = gallery[:60] + rng.normal(scale=0.027, size=(60, 128))
    strangers = rng.normal(size=(30, 128))
    return People(
        [f"person-{n}" for n in range(len(gallery))],
        gallery.astype(np.float32),
        unit(np.concatenate([near, strangers]).astype(np.float32)),
    )


def photographed_people() -> People:
    """Return 60 people of Labeled Faces in the Wild with two photographs, and 20 strangers."""
    encoder = load_encoder()

    def vectors_of(count: int, photographs: int) -> dict[str, list[Vector]]:
        """Return the first `count` people of whom all of so many photographs show a face."""
        found: dict[str, list[Vector]] = {}
        for folder in sorted((SHARED / "lfw").iterdir()):
            pictures = sorted(folder.glob("*.jpg"))
            if len(pictures) == photographs and len(found) < count:
                seen = [encoder.encode(picture.read_bytes()) for picture in pictures]
                if all(seen):
                    found[folder.name] = [faces[0].vector for faces in seen]
        return found

    members = vectors_of(60, photographs=2)
    strangers = vectors_of(20, photographs=1)
    return People(
        list(members),
        np.stack([first for first, _ in members.values()]),
        np.stack([second for _, second in members.values()] + [v for [v] in strangers.values()]),
    )


@pytest.fixture(scope="module", params=["random", "photographed"])
def people(slow: None, request: pytest.FixtureRequest) -> People:
    if request.param == "random":
        return random_people()
    if not (SHARED / "lfw").is_dir():
        pytest.skip("needs ../shared/lfw")
    return photographed_people()


class Chain(NamedTuple):
    """A gateway, and the store of each person of the gallery."""

    gateway: httpx.Client
    home: list[str]


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
    home = [STORES[n % len(STORES)] for n in range(len(people.names))]
    with ExitStack() as running:
        for together in shards:
            settings = ShardSettings(store=tuple(together), stores=stores, data=folder / "data")
            served = [store_map.store(store) for store in together]
            app = create_shard(settings, served, VectorEncoder())
            running.enter_context(serving(app, ports[together[0]]))
        wait_until(lambda: _all_ready(ports), "every store is ready")
        app = create_gateway(
            GatewaySettings(
                stores=stores, data=folder / "data", port=ports["gateway"], fan_out_ms=10_000
            )
        )
        url = running.enter_context(serving(app, ports["gateway"]))
        client = running.enter_context(plain_http.Client(base_url=url, timeout=30))
        for name, store, vector in zip(people.names, home, people.gallery, strict=True):
            client.post(
                f"/v1/stores/{store}/faces",
                params={"face_id": name, "force": True},
                content=pack(vector),
            ).raise_for_status()
        wait_until(lambda: _known(client) == len(people.names), "the gateway knows all counts")
        yield Chain(client, home)


def _all_ready(ports: dict[str, int]) -> bool:
    return all(
        plain_http.get(
            f"http://127.0.0.1:{ports[store]}/readyz", headers=header_of(store)
        ).status_code
        == 200
        for store in STORES
    )


def _known(client: httpx.Client) -> int:
    """Return how many members the gateway believes that there are: thresholds hang on it."""
    stores = client.get("/v1/cluster").json()["stores"]
    return sum(store["replicas"][0]["status"]["counts"]["members"] for store in stores)


class Neighbour(NamedTuple):
    """A person of the gallery: how alike to a probe, and how far from it."""

    name: str
    store: str
    score: float
    distance: float


def flat_search(people: People, home: list[str]) -> list[list[Neighbour]]:
    """Return for each probe all people, best first, by one Flat index over the whole chain."""
    index = faiss.IndexFlatIP(people.gallery.shape[1])
    index.add(people.gallery)
    cosines, rows = index.search(people.probes, len(people.names))
    cohort = SCALE.cohort
    templates = cohort.place(people.gallery)
    scores = pair_scores(cosines, cohort.place(people.probes).rows, templates.of(rows))
    return [
        sorted(
            (
                Neighbour(people.names[row], home[row], float(score), float(distance))
                for score, distance, row in zip(*found, strict=True)
            ),
            key=lambda neighbour: -neighbour.score,
        )
        for found in zip(scores, distance_of(cosines), rows, strict=True)
    ]


def close(value: float) -> Any:
    """Return what equals `value` but for the rounding of float32, which scores magnify."""
    return pytest.approx(value, abs=5e-3, rel=1e-3)


def test_searching_all_stores_equals_one_flat_index(people: People, chain: Chain) -> None:
    needed = threshold(len(people.names), RATE)
    for probe, best in zip(people.probes, flat_search(people, chain.home), strict=True):
        answer = chain.gateway.post(
            "/v1/search", params={"candidates": CANDIDATES}, content=pack(probe)
        )
        [face] = answer.json()["faces"]

        found = [(c["face_id"], c["store"], c["score"]) for c in face["candidates"]]
        assert found == [(n.name, n.store, close(n.score)) for n in best[:CANDIDATES]]
        distances = [candidate["distance"] for candidate in face["candidates"]]
        assert distances == [close(neighbour.distance) for neighbour in best[:CANDIDATES]]
        named = face["match"] and face["match"]["face_id"]
        assert named == (best[0].name if best[0].score >= needed else None)


def test_every_store_names_whom_the_flat_index_names(people: People, chain: Chain) -> None:
    """A camera's own store comes first, each side with half of the rate; else the best of all."""
    recognized = 0
    for n, best in enumerate(flat_search(people, chain.home)):
        camera = STORES[n % len(STORES)]
        answer = chain.gateway.post(
            f"/v1/stores/{camera}/recognize",
            params={"mint": False},
            content=pack(people.probes[n]),
        )
        [face] = answer.json()["faces"]
        at_home = chain.home.count(camera)
        elsewhere = len(chain.home) - at_home
        rate = rate_per_side(RATE, at_home, elsewhere)
        needed_home, needed_others = threshold(at_home, rate), threshold(elsewhere, rate)
        known = [p for p in best if p.store == camera and p.score >= needed_home]
        known += [p for p in best if p.store != camera and p.score >= needed_others]

        if not known:
            assert (face["match"], face["face_id"]) == ("unknown", None)
            assert face["threshold"] == close(needed_others)
            continue
        recognized += 1
        assert (face["face_id"], face["store"]) == (known[0].name, known[0].store)
        at_home_now = known[0].store == camera
        assert face["match"] == ("home" if at_home_now else "roaming")
        assert face["threshold"] == close(needed_home if at_home_now else needed_others)
        assert face["distance"] == close(known[0].distance)
        assert face["score"] == close(known[0].score)
    assert recognized > len(people.probes) / 4
