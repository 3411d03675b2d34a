"""A store that wants inverted lists gets them when it has grown, while it is searched."""

from pathlib import Path

import numpy as np
import pytest

from contract.vectors import Vectors
from scoring.cohort import unit
from scoring.score_scale import ScoreScale
from shard.gallery.change import Change, StoredFace, StoredTemplate
from shard.gallery.gallery import Gallery
from shard.index.face_index import FaceIndex
from shard.index.list_trial import MatchLikeness
from shard.index.partition_index import LEAST_LISTED
from shard.list_making import ListMaking
from shard.service import Service
from tests.shard.conftest import store_of
from tests.shard.fakes import FakeEncoder

D = 16
ALIKE = MatchLikeness(np.arctanh(0.9), np.arctanh(0.97))


def members(count: int, first: int = 1) -> tuple[Change, Vectors]:
    """Return a change that adds members, half of whom do not roam, and their vectors."""
    random = np.random.default_rng(first)
    vectors = unit(random.normal(size=(count, D)).astype(np.float32))
    numbers = range(first, first + count)
    faces = [
        StoredFace(f"m-{n}", "member", None, provisional=False, roams=n % 2 == 0) for n in numbers
    ]
    added = [StoredTemplate(n, f"m-{n}") for n in numbers]
    return Change(faces=faces, added=added, vectors=vectors), vectors


@pytest.fixture(scope="module")
def nobody() -> ScoreScale:
    return ScoreScale.of_model("unknown to the cohort")


def test_each_part_of_a_store_gets_lists_when_it_has_enough_faces(nobody: ScoreScale) -> None:
    index = FaceIndex(D, nobody.cohort, "ivf_flat")
    change, vectors = members(LEAST_LISTED + 2000)
    index.update(change)
    assert not index.make_lists(ALIKE)  # half of them roam, half do not: too few in each part

    more, _ = members(LEAST_LISTED, first=LEAST_LISTED + 2001)
    index.update(more)
    assert index.make_lists(ALIKE)
    assert not index.make_lists(ALIKE)

    kinds = {part: status.kind for part, status in index.statuses.items()}
    assert kinds == {"roaming": "ivf_flat", "resident": "ivf_flat", "visitor": "flat"}
    own = index.search(vectors[:40], 1)
    assert [hits[0].face.face_id for hits in own] == [f"m-{n}" for n in range(1, 41)]
    from_elsewhere = index.search(vectors[:40], 1, "members")
    found = {hits[0].face.face_id for hits in from_elsewhere}
    assert all(int(face_id[2:]) % 2 == 0 for face_id in found)  # who roams, and nobody else

    index.update(Change(removed=[1, 2]))
    gone = index.search(vectors[:2], 3)
    assert not {"m-1", "m-2"} & {hit.face.face_id for hits in gone for hit in hits}


async def test_a_small_store_stays_exact_and_says_so(tmp_path: Path) -> None:
    service = Service(store_of(), FakeEncoder(), read_only=False, index="ivf_flat")
    making = ListMaking(service)
    await making.step()  # before it is loaded: nothing to do

    await service.load(lambda: Gallery.open(tmp_path / "gallery.sqlite3", "s"))
    service.waiting_for = None
    await making.step()
    status = service.status()
    await service.close()

    assert {part.kind for part in status.index.values()} == {"flat"}
    assert set(status.index) == {"roaming", "resident", "visitor"}
