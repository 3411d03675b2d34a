"""Any body is answered or refused by what takes vectors; never with 500, and nothing is broken."""

import asyncio
import base64
import json
from collections.abc import Iterator
from contextlib import AsyncExitStack
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.vectors import pack
from shard.app import create_app
from shard.served_stores import gallery_path
from shard.settings import ShardSettings
from tests.fuzzing import fuzzed
from tests.new_database import put_gallery
from tests.shard.conftest import RunningShard, ready, store_of
from tests.shard.fakes import DIMENSION, MODEL, FakeEncoder, vector_of

KNOWN = vector_of(1)


class Running(NamedTuple):
    loop: asyncio.AbstractEventLoop
    shard: RunningShard

    def post(self, path: str, body: bytes, model: str = MODEL, **headers: str) -> int:
        async def asked() -> int:
            sent = {b"X-Face-Model": model.encode("latin-1")}
            sent |= {name.encode(): value.encode() for name, value in headers.items()}
            return (await self.shard.post(path, content=body, headers=sent)).status_code

        return self.loop.run_until_complete(asked())


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    settings = ShardSettings.model_validate(
        {"store": "s", "data": tmp_path_factory.mktemp("data"), "encoder_workers": 1}
    )
    store = store_of()
    put_gallery(gallery_path(settings, store))
    loop = asyncio.new_event_loop()
    shard = RunningShard(create_app(settings, [store], FakeEncoder()))
    stack = AsyncExitStack()
    stack.push_async_callback(shard.stop)
    loop.run_until_complete(shard.start())
    loop.run_until_complete(ready(shard))
    yield Running(loop, shard)
    loop.run_until_complete(stack.aclose())
    loop.close()


numbers = st.one_of(
    st.floats(width=32), st.sampled_from([0.0, 1e38, -1e38, 1e-45, float("nan"), float("inf")])
)
rows = st.lists(numbers, min_size=1, max_size=3).map(
    lambda some: np.resize(np.array(some, dtype=np.float32), (len(some), DIMENSION))
)
NOTHING = np.zeros(DIMENSION, dtype=np.float32)
packed = st.one_of(rows.map(pack), st.sampled_from([KNOWN, NOTHING]).map(pack))
bodies = st.one_of(packed, st.binary(max_size=80), st.tuples(packed, st.binary()).map(b"".join))
models = st.sampled_from([MODEL, f"{MODEL}, {MODEL}", "", "other", "other, ", "\xff"])
texts = st.one_of(bodies.map(base64.b64encode).map(bytes.decode), st.text(max_size=8))
values = st.recursive(
    st.one_of(texts, st.none(), st.integers(), st.floats(), st.sampled_from([MODEL, "s", "local"])),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["face_id", "vector", "x"]), inner, max_size=3)
    ),
    max_leaves=6,
)
drafts = st.fixed_dictionaries(
    {},
    optional={
        "model": st.one_of(st.just(MODEL), values),
        "faces": st.one_of(
            st.lists(
                st.fixed_dictionaries(
                    {"face_id": st.sampled_from(["a", "", "../b"]), "vector": texts}
                ),
                max_size=3,
            ),
            values,
        ),
        "stores": st.just(["s"]) | values,
        "vectors": texts | values,
        "frames": st.lists(st.booleans(), max_size=3) | values,
        "scope": st.sampled_from(["local", "roaming"]) | values,
        "k": st.integers(-1, 300) | values,
    },
)


@pytest.mark.parametrize("path", ["/search", "/faces/mint?source=v", "/faces/apart"])
@fuzzed(60)
@given(body=bodies, model=models)
def test_any_vectors(path: str, running: Running, body: bytes, model: str) -> None:
    status = running.post(path, body, model)

    assert status in {200, 201, 400, 404, 409, 413, 422}, status


@pytest.mark.parametrize("path", ["/faces/vectors", "/search/together"])
@fuzzed(60)
@given(draft=drafts)
def test_any_draft_of_vectors(path: str, running: Running, draft: object) -> None:
    status = running.post(path, json.dumps(draft).encode(), **{"Content-Type": "application/json"})

    assert status in {200, 201, 400, 404, 409, 413, 422}, status


def test_is_still_found_afterwards(running: Running) -> None:
    """What was taken above is searched, whatever it was."""
    assert running.post("/faces/mint", pack(KNOWN)) == 200
    assert running.post("/search", pack(KNOWN)) == 200
