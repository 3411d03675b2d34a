"""A store that wants inverted lists gets them when it has grown, while it is searched."""

from pathlib import Path

import numpy as np
import pytest

from contract.errors import NotReady
from contract.vectors import Vectors
from scoring.cohort import Places, unit
from scoring.score_scale import ScoreScale
from shard.gallery.change import PARTITIONS, AlteredFaces, Change
from shard.gallery.gallery import Gallery
from shard.index.face_index import FaceIndex, SearchScope
from shard.index.list_trial import MatchLikeness
from shard.index.partition_index import LEAST_LISTED
from shard.list_making import ListMaking
from shard.service import Service
from shard.shared_parts import SharedParts
from shard.threads import SharedThreads, Threads
from tests.shard.conftest import store_of
from tests.shard.fakes import FakeEncoder

D = 16
ALIKE = MatchLikeness(np.arctanh(0.9), np.arctanh(0.97))


def members(count: int, first: int = 1) -> tuple[Change, Vectors]:
    """Return a change that adds members, half of whom do not roam, and their vectors."""
    random = np.random.default_rng(first)
    vectors = unit(random.normal(size=(count, D)).astype(np.float32))
    numbers = np.arange(first, first + count)
    roams = [PARTITIONS.index("resident"), PARTITIONS.index("roaming")]
    one = np.ones(count, np.int64)
    placed = Places(np.full(count, 0.5, np.float32), np.full(count, 0.1, np.float32))
    faces = AlteredFaces(
        numbers, np.take(roams, 1 - numbers % 2), one < 0, one, one, vectors, placed
    )
    return Change(altered=faces), vectors


def best(index: FaceIndex, probes: Vectors, scope: SearchScope) -> list[int]:
    """Return whom each of the probes is most alike to."""
    places = Places(*(np.full(len(probes), value, np.float32) for value in (0.5, 0.1)))
    found = index.search(probes, places, 1, scope).similar
    ranked = [sorted(each.items(), key=lambda one: -one[1].score) for each in found]
    return [one for [(one, _), *_] in ranked]


def to_the_end() -> None:
    """Let the making of lists go on."""


@pytest.fixture(scope="module")
def nobody() -> ScoreScale:
    return ScoreScale.of_model("unknown to the cohort")


def test_each_part_of_a_store_gets_lists_when_it_has_enough_faces(nobody: ScoreScale) -> None:
    index = FaceIndex(D, nobody.cohort, "ivf_flat")
    change, vectors = members(LEAST_LISTED + 2000)
    index.update(change)
    # Half of them roam, half do not: too few in each part.
    assert not index.make_lists(ALIKE, to_the_end)

    more, _ = members(LEAST_LISTED, first=LEAST_LISTED + 2001)
    index.update(more)
    assert index.make_lists(ALIKE, to_the_end)
    assert not index.make_lists(ALIKE, to_the_end)

    kinds = {part: status.kind for part, status in index.statuses.items()}
    assert kinds == {"roaming": "ivf_flat", "resident": "ivf_flat", "visitor": "flat"}
    assert best(index, vectors[:40], "own") == [*range(1, 41)]
    assert all(number % 2 == 0 for number in best(index, vectors[:40], "members"))

    index.update(Change(np.array([1, 2])))
    assert not {1, 2} & set(best(index, vectors[:2], "own"))


def test_what_is_ended_in_the_middle_changes_nothing_and_is_begun_again(
    nobody: ScoreScale,
) -> None:
    index = FaceIndex(D, nobody.cohort, "ivf_flat")
    change, vectors = members(2 * LEAST_LISTED)
    index.update(change)
    threads = Threads(SharedThreads())
    threads.stop_long()

    with pytest.raises(NotReady):
        index.make_lists(ALIKE, threads.check_open)

    assert {status.kind for status in index.statuses.values()} == {"flat"}
    assert best(index, vectors[:3], "own") == [1, 2, 3]
    assert index.make_lists(ALIKE, to_the_end)


async def test_a_small_store_stays_exact_and_says_so(tmp_path: Path) -> None:
    service = Service(store_of(), SharedParts(FakeEncoder()), read_only=False, index="ivf_flat")
    making = ListMaking(service)
    await making.step()  # before it is loaded: nothing to do

    await service.load(lambda: Gallery.open(tmp_path / "gallery.sqlite3", "s"))
    service.waiting_for = None
    await making.step()
    status = service.status()
    await service.close()

    assert {part.kind for part in status.index.values()} == {"flat"}
    assert set(status.index) == {"roaming", "resident", "visitor"}
