"""Each kind of index is tried with a store's own faces, and one is recommended."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from contract.errors import ConfigurationError, StorageUnavailable
from contract.messages.index_status import IndexKind, IndexStatus, KindTrial
from contract.stores.stored_galleries import gallery_file
from scoring.cohort import Places, unit
from shard.gallery.gallery import Gallery
from shard.gallery.template_rows import NewTemplate
from shard.index.indexed_vectors import IndexedVectors
from shard.index.kind_trial import TrialFaces, kind_trials
from shard.index.list_trial import MatchLikeness, match_probes
from shard.index.partition_index import LEAST_LISTED
from shard.index_comparison import compare_kinds, recommendation
from tests.new_database import put_gallery
from tests.shard.fakes import MODEL, vector_of

RATE = 0.01


@pytest.fixture
def gallery(tmp_path: Path) -> Iterator[Gallery]:
    path = gallery_file(tmp_path, "s")
    put_gallery(path)
    gallery = Gallery.open(path, "s")
    yield gallery
    gallery.close()


def enroll(gallery: Gallery, face_id: str, person: int, shift: float = 0.0) -> None:
    picture = f"{person} {shift}"
    template = NewTemplate(vector_of(person, shift), MODEL, 1.0, picture, picture)
    gallery.enroll(face_id, template, None)


def test_a_gallery_is_read_while_its_shard_writes_in_it(tmp_path: Path, gallery: Gallery) -> None:
    for person in range(20):
        enroll(gallery, f"p-{person}", person)
    for person in range(4):
        enroll(gallery, f"p-{person}", person, 0.6)

    compared = compare_kinds(tmp_path, "s", None, RATE)

    assert (compared.store, compared.model) == ("s", MODEL)
    assert (compared.faces, compared.held_out, compared.simulated) == (20, 4, 1000)
    kinds = {trial.kind: trial for trial in compared.kinds}
    assert kinds.keys() == {"flat", "ivf_flat", "sq8"}
    assert kinds["flat"].recall == kinds["flat"].same_decision == 1
    assert kinds["ivf_flat"].searched.kind == "flat"  # too few faces for lists
    assert kinds["sq8"].searched.kind == "sq8"
    assert compared.recommended == "flat"
    assert gallery.face("p-0").templates  # the writer goes on


def test_where_there_is_nothing_to_compare_it_says_so(tmp_path: Path, gallery: Gallery) -> None:
    with pytest.raises(ConfigurationError, match="s has no faces yet"):
        compare_kinds(tmp_path, "s", None, RATE)
    with pytest.raises(StorageUnavailable):
        compare_kinds(tmp_path, "elsewhere", None, RATE)


def test_each_kind_is_built_and_measured() -> None:
    """Lists find most, 16 bits find all, in half the memory."""
    random, count, dimension = np.random.default_rng(5), LEAST_LISTED, 32
    vectors = unit(random.normal(size=(count, dimension)).astype(np.float32))
    places = Places(np.full(count, 0.5, np.float32), np.full(count, 0.1, np.float32))
    likeness = MatchLikeness(np.arctanh(0.85), np.arctanh(0.95))
    probes = match_probes(vectors, likeness)[:64]
    faces = TrialFaces(
        IndexedVectors(np.arange(count), vectors, places),
        probes,
        places.of(np.arange(len(probes))),
        likeness,
        5.0,
    )

    flat, listed, small = kind_trials(faces)

    assert (flat.recall, flat.same_decision) == (1, 1)
    assert listed.searched.lists > listed.searched.probed > 0
    assert 0.9 < listed.recall <= 1
    assert listed.build_seconds > flat.build_seconds
    assert small.recall == small.same_decision == 1
    assert flat.bytes_a_face - small.bytes_a_face == pytest.approx(2 * dimension, abs=4)
    for trial in (flat, listed, small):
        assert 0 < trial.p50_ms <= trial.p99_ms
        assert trial.together_ms > 0


def trial(
    kind: IndexKind, searched: IndexKind, ms: float, size: int = 532, same: float = 1.0
) -> KindTrial:
    return KindTrial(
        kind=kind,
        searched=IndexStatus(kind=searched, faces=1),
        bytes_a_face=size,
        recall=same,
        same_decision=same,
        p50_ms=ms,
        p99_ms=ms,
        together_ms=ms,
        build_seconds=1,
    )


@pytest.mark.parametrize(
    ("faces", "flat_ms", "same", "expected", "said"),
    [
        (1000, 0.3, 1.0, "flat", "an exact search takes 0.3 ms and 1 MB"),
        (500_000, 30.0, 0.999, "ivf_flat", "instead of 30.0, 6.0 times less, and 99.9%"),
        (500_000, 30.0, 0.99, "flat", "nothing else would do clearly better"),
        (5_000_000, 300.0, 0.99, "sq8", "1380 MB instead of 2660 MB"),
    ],
)
def test_the_recommended_kind_is_clearly_better_and_decides_the_same(
    faces: int, flat_ms: float, same: float, expected: IndexKind, said: str
) -> None:
    kinds = [
        trial("flat", "flat", flat_ms),
        trial("ivf_flat", "ivf_flat", flat_ms / 6, same=same),
        trial("sq8", "sq8", flat_ms, size=276),
    ]

    recommended, reason = recommendation(kinds, faces)

    assert recommended == expected
    assert said in reason


def test_lists_that_would_miss_too_many_are_not_recommended() -> None:
    kinds = [trial("flat", "flat", 50), trial("ivf_flat", "flat", 50), trial("sq8", "sq8", 40)]
    assert recommendation(kinds, 500_000)[0] == "flat"
