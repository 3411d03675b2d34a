"""A shard that is killed while it makes inverted lists: nothing is lost, and it makes them anew."""

import json
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from contract.stores.stored_galleries import gallery_file
from contract.vectors import CONTENT_TYPE, MODEL_HEADER, Vectors, pack
from scoring.cohort import unit
from scoring.scoring_data import load_scoring_data
from shard.gallery.gallery import Gallery
from shard.gallery.template_rows import NewTemplate
from shard.index.partition_index import LEAST_LISTED
from tests import plain_http
from tests.cluster.processes import Service, wait_until
from tests.shard.conftest import RunShard

pytestmark = [pytest.mark.processes, pytest.mark.slow]

MODEL = load_scoring_data().parameters.model
COUNT = 2 * LEAST_LISTED
"""Members: their lists take seconds to make."""
PROBED = 50


def filled(data: Path) -> Vectors:
    """Store members m-0, m-1, … in the gallery below `data`; return their vectors."""
    vectors = unit(np.random.default_rng(3).normal(size=(COUNT, 128)).astype(np.float32))
    path = gallery_file(data, "s")
    path.parent.mkdir(parents=True)
    gallery = Gallery.open(path, "s")
    new = [
        (f"m-{n}", NewTemplate(vector, MODEL, 1.0, digest=str(n)))
        for n, vector in enumerate(vectors)
    ]
    gallery.enroll_all(new)
    gallery.imports.set_complete(True)
    gallery.close()
    return vectors


def best_of(shard: Service, probes: Vectors) -> list[str]:
    headers = {"Content-Type": CONTENT_TYPE, MODEL_HEADER: MODEL}
    asked = {"k": "1", "scope": "everyone"}
    answer = plain_http.post(
        f"{shard.url}/search", params=asked, content=pack(probes), headers=headers
    )
    return [found[0]["face_id"] for found in answer.json()["results"]]


def status(shard: Service) -> dict[str, Any]:
    body: dict[str, Any] = plain_http.get(f"{shard.url}/status").json()
    return body


def is_searched_by(shard: Service, kind: str) -> bool:
    return bool(status(shard)["index"]["roaming"]["kind"] == kind)


def mint(shard: Service, vectors: Vectors) -> list[str]:
    answer = plain_http.post(
        f"{shard.url}/faces/mint",
        params={"rate": 1e-9},
        content=pack(vectors),
        headers={"Content-Type": CONTENT_TYPE, MODEL_HEADER: MODEL},
    )
    return [face["face_id"] for face in json.loads(answer.content)["faces"]]


def test_a_shard_killed_while_lists_are_made_has_lost_nothing(
    run_shard: RunShard, tmp_path: Path
) -> None:
    vectors = filled(tmp_path / "data")
    [new] = unit(np.random.default_rng(4).normal(size=(1, 1, 128)).astype(np.float32))
    names = [f"m-{number}" for number in range(PROBED)]
    shard = run_shard(FACEGATE_INDEX="ivf_flat")
    shard.start()
    shard.wait_ready()
    wait_until(lambda: "making lists of" in shard.log.read_text(), "lists are being made")

    minted = mint(shard, new)
    assert is_searched_by(shard, "flat")
    shard.kill()

    assert "lists made" not in shard.log.read_text()
    shard.start()
    shard.wait_ready()
    for kind in ("flat", "ivf_flat"):
        wait_until(partial(is_searched_by, shard, kind), f"searched by {kind}")
        assert best_of(shard, vectors[:PROBED]) == names
        assert best_of(shard, new) == minted
        counts = status(shard)["counts"]
        assert (counts["members"], counts["visitors"]) == (COUNT, 1)
