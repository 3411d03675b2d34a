"""One search in several stores answers as one in each of them would, as far as it matters."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.errors import StorageUnavailable
from contract.messages.by_kind import ByKind
from contract.messages.face import Candidate
from contract.messages.message import Scope
from contract.messages.shard_answers import SearchAnswer
from contract.vectors import Vectors
from scoring.cohort import unit
from scoring.score_scale import ScoreScale
from scoring.scoring_data import load_scoring_data
from shard.gallery.gallery import Gallery
from shard.gallery.template_rows import MINTED_QUALITY, NewTemplate
from shard.index.collection import Collection
from shard.index.hit import Hit
from shard.index.joint_search import joint_search
from shard.recognition.search_answers import search_answer
from tests.new_database import put_gallery

SCALE = ScoreScale.measured(load_scoring_data())
SIZES = {"a": 40, "b": 25, "c": 12, "empty": 0, "one": 1}
PEOPLE = 30
"""Of whom each store knows some, by pictures of its own."""
NOISE = 0.027
CLEARLY = 0.5


def vectors_near(people: Vectors, rng: np.random.Generator, noise: float = NOISE) -> Vectors:
    return unit((people + rng.normal(scale=noise, size=people.shape)).astype(np.float32))


@pytest.fixture(scope="module")
def people() -> Vectors:
    vectors = np.random.default_rng(7).normal(size=(PEOPLE, 128)).astype(np.float32)
    return unit(vectors)


@pytest.fixture(scope="module")
def stores(
    people: Vectors, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Collection]]:
    """Members who roam, others and visitors in each store, and pairs who are told apart."""
    folder, rng = tmp_path_factory.mktemp("stores"), np.random.default_rng(8)
    with ExitStack() as opened:
        yield {
            store: _filled(folder / store / "gallery.sqlite3", store, people, rng, opened)
            for store in SIZES
        }


def _filled(
    path: Path, store: str, people: Vectors, rng: np.random.Generator, opened: ExitStack
) -> Collection:
    put_gallery(path)
    gallery = Gallery.open(path, store)
    opened.callback(gallery.close)
    collection = Collection.load(gallery, SCALE.model, 128, SCALE)
    made: list[str] = []
    for number, person in enumerate(rng.integers(PEOPLE, size=SIZES[store]).tolist()):
        face_id = f"{store}-{number}"
        [vector] = vectors_near(people[[person]], rng)
        if number % 3 == 2:
            template = NewTemplate(vector, SCALE.model, MINTED_QUALITY)
            collection.change(gallery.mint, face_id, template, False)
        else:
            template = NewTemplate(vector, SCALE.model, 1.0)
            collection.enroll(face_id, template, f"m-{person}", roams=number % 4 != 1)
        made.append(face_id)
    for one, two in zip(made[::5], made[1::5], strict=False):
        collection.change(gallery.add_distinction, one, two)
    return collection


class Question:
    """A search of some probes, and what every store answers it by itself."""

    def __init__(
        self, stores: Mapping[str, Collection], probes: Vectors, k: int, scope: Scope, rate: float
    ) -> None:
        self.stores, self.probes, self.k, self.scope = stores, probes, k, scope
        self.rates = ByKind(rate, rate / 3)
        self.templates = sum(SIZES.values())

    def alone(self, store: str) -> SearchAnswer:
        return self.answer(store, self.stores[store].search(self.probes, self.k, self.scope))

    def together(self) -> dict[str, SearchAnswer]:
        needed = SCALE.parameters.threshold(self.templates, max(self.rates))
        found = joint_search(
            self.stores,
            self.probes,
            self.k,
            self.scope,
            places=None,
            needed=[needed] * len(self.probes),
        )
        answers = {}
        for store, rows in found.items():
            assert isinstance(rows, list)
            answers[store] = self.answer(store, rows)
        return answers

    def answer(self, store: str, rows: list[list[Hit]]) -> SearchAnswer:
        return search_answer(
            store,
            self.stores[store],
            rows,
            rates=self.rates,
            frames=[1] * len(self.probes),
            scope=self.scope,
            templates=self.templates,
        )


def ranked(answers: Mapping[str, SearchAnswer], probe: int) -> list[Candidate]:
    found = (one for answer in answers.values() for one in answer.results[probe])
    return sorted(found, key=lambda one: (-one.score, one.store, one.face_id))


@given(
    seed=st.integers(0, 2**32 - 1),
    count=st.integers(1, 4),
    noise=st.sampled_from([0.0, NOISE, 0.06, 0.12]),
    k=st.sampled_from([1, 2, 5]),
    scope=st.sampled_from(["members", "everyone"]),
    rate=st.sampled_from([0.3, 0.01, 1e-6]),
)
@settings(max_examples=60, deadline=None)
def test_who_matters_is_found_as_each_store_would(
    stores: dict[str, Collection],
    people: Vectors,
    seed: int,
    count: int,
    noise: float,
    k: int,
    scope: Scope,
    rate: float,
) -> None:
    rng = np.random.default_rng(seed)
    probes = vectors_near(people[rng.integers(PEOPLE, size=count)], rng, noise)
    question = Question(stores, probes, k, scope, rate)
    alone = {store: question.alone(store) for store in stores}
    together = question.together()

    assert together == {store: alone[store] for store in together}
    for probe in range(count):
        best, found = ranked(alone, probe), ranked(together, probe)
        assert found[:k] == best[:k]
        assert [one for one in found if one.passes] == [one for one in best if one.passes]
        if best and best[0].passes:
            near = [one for one in best if one.score > best[0].score - CLEARLY]
            assert found[: len(near)] == near


def test_stores_in_which_nobody_matters_are_not_searched(
    stores: dict[str, Collection], people: Vectors
) -> None:
    [stranger] = unit(np.random.default_rng(99).normal(size=(1, 128)).astype(np.float32))
    question = Question(stores, stranger[None], 1, "members", 1e-9)

    assert len(question.together()) == 1
    assert "empty" not in question.together()


def test_a_store_that_cannot_be_read_fails_alone(
    stores: dict[str, Collection], people: Vectors
) -> None:
    class Damaged(Collection):
        def __init__(self) -> None:
            self.scale = SCALE

        def cosines(self, *question: object) -> None:
            return None

        def search(self, *question: object) -> list[list[Hit]]:
            raise StorageUnavailable("damaged")

    both = {"damaged": Damaged(), "a": stores["a"]}
    found = joint_search(both, people[:1], 1, "everyone", places=None, needed=[-100.0])

    assert isinstance(found["damaged"], StorageUnavailable)
    assert isinstance(found["a"], list)
