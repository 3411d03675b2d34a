"""After any sequence of changes, the indexes of both models equal their rows of the table."""

import tempfile
from collections import Counter
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from contract.errors import Conflict, LastTemplate
from contract.messages.by_kind import ByKind
from shard.gallery.gallery import Gallery
from shard.gallery.template_rows import (
    MINTED_QUALITY,
    MOST_TEMPLATES,
    NewTemplate,
    SecondVector,
)
from shard.index.collection import Collection
from tests.shard.bound import bound
from tests.shard.fakes import MODEL, SECOND, vector_of
from tests.shard.gallery.test_two_models import load
from tests.shard.index.contents import assert_equal_to_record

NAMES = st.sampled_from(["a", "b", "c"])
PERSONS = st.integers(0, 4)
SOURCES = st.none() | st.sampled_from(["x/1", "x/2"])
RATES = ByKind(0.01, 0.02)


class TwoModels(RuleBasedStateMachine):
    """A writer that enrols, teaches, merges and erases; a replica; and a change of the model."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "gallery.sqlite3"
        self.order = (MODEL, SECOND.model)
        self.writer = load(Gallery.open(self.path, "s"), *self.order)
        self.replica = load(Gallery.follow(self.path, "s"), *self.order)
        self.merges = 0

    def template(self, person: int, both: bool, source: str | None = None) -> NewTemplate:
        """Return a picture of a person, described by the served model alone or by both."""
        vectors = {
            MODEL: vector_of(person),
            SECOND.model: vector_of(person, dimension=SECOND.dimension),
        }
        served, second = self.order
        beside = SecondVector(vectors[second], second) if both else None
        digest = source and str(person)
        return NewTemplate(vectors[served], served, 1.0, source, digest, second=beside)

    @rule(name=NAMES, person=PERSONS, source=SOURCES, both=st.booleans())
    def enroll(self, name: str, person: int, source: str | None, both: bool) -> None:
        template = self.template(person, both, source)
        stored = self.writer.enroll(name, template)
        assert self.writer.enroll(name, template).template_id == stored.template_id

    @rule(person=PERSONS, both=st.booleans())
    def mint(self, person: int, both: bool) -> None:
        template = self.template(person, both)
        minted = NewTemplate(
            template.vector, template.model, MINTED_QUALITY, second=template.second
        )
        self.writer.mint(minted, RATES, False)

    @precondition(lambda self: self.names())
    @rule(data=st.data(), person=PERSONS, visit=st.sampled_from("123"), second=st.booleans())
    def learn(self, data: st.DataObject, person: int, visit: str, second: bool) -> None:
        template = self.template(person, second)
        if template.second is not None:
            vector, model = template.second
            template = NewTemplate(vector, model, 1.0)
        lesson = NewTemplate(template.vector, template.model, 1.0, learned_from=visit)
        self.writer.change(self.writer.gallery.learn, self.drawn(data), lesson)

    @precondition(lambda self: self.names())
    @rule(data=st.data())
    def erase_a_picture(self, data: st.DataObject) -> None:
        name = self.drawn(data)
        before = self.writer.gallery.face(name).templates
        number = before[data.draw(st.integers(0, len(before) - 1))].template_id
        known = bool(self.writer.vectors_of(name))
        with suppress(LastTemplate):
            self.writer.erase_template(name, number)
        after = self.writer.gallery.face(name).templates
        assert after
        assert any(template.learned_from is None for template in after)
        founding = [t for t in before if t.learned_from is None and t.model == self.order[0]]
        assert not founding or known == bool(self.writer.vectors_of(name))

    @precondition(lambda self: self.names())
    @rule(data=st.data())
    def erase(self, data: st.DataObject) -> None:
        self.writer.erase(self.drawn(data))

    @precondition(lambda self: len(self.names()) > 1)
    @rule(data=st.data(), aside=st.booleans(), undo=st.booleans())
    def merge(self, data: st.DataObject, aside: bool, undo: bool) -> None:
        into, source = None if aside else self.drawn(data), self.drawn(data)
        if into == source:
            return
        self.merges += 1
        self.writer.change(self.writer.gallery.merge, f"{self.merges}", into, source)
        if undo:
            self.writer.change(self.writer.gallery.unmerge, f"{self.merges}")

    @precondition(lambda self: self.names())
    @rule(data=st.data(), name=NAMES)
    def rename(self, data: st.DataObject, name: str) -> None:
        with suppress(Conflict):
            self.writer.change(self.writer.gallery.rename, self.drawn(data), name)

    @precondition(lambda self: self.names())
    @rule(data=st.data(), roams=st.booleans())
    def bind(self, data: st.DataObject, roams: bool) -> None:
        self.writer.change(self.writer.gallery.bind, bound(self.drawn(data), "m-1", roams))

    @rule()
    def change_over(self) -> None:
        """Start with the second model as the served one."""
        self.order = (self.order[1], self.order[0])
        self.writer.gallery.close()
        self.replica.gallery.close()
        self.writer = load(Gallery.open(self.path, "s"), *self.order)
        self.replica = load(Gallery.follow(self.path, "s"), *self.order)

    @rule()
    def keep_for_the_next_start(self) -> None:
        self.writer.store_places(100)
        for confirm in self.writer.write_snapshots(lambda: None, share=0.0, least=0):
            confirm()

    @rule()
    def look_from_the_replica(self) -> None:
        self.replica.catch_up()
        for collection in both_of(self.replica):
            assert_equal_to_record(collection)
        assert self.replica.changed_over() == self.writer.changed_over()

    @invariant()
    def each_index_equals_its_rows(self) -> None:
        for collection in both_of(self.writer):
            assert_equal_to_record(collection)

    @invariant()
    def nobody_has_more_templates_of_a_model_than_are_kept(self) -> None:
        for collection in both_of(self.writer):
            owned = Counter(face.face_id for face, _ in collection.templates().values())
            assert max(owned.values(), default=0) <= MOST_TEMPLATES

    @invariant()
    def everybody_is_counted_once(self) -> None:
        known = self.writer.changed_over()
        assert known.member.of + known.visitor.of == len(self.names())

    def names(self) -> list[str]:
        return [face.face_id for face in self.writer.gallery.faces("", 1000).faces]

    def drawn(self, data: st.DataObject) -> str:
        """Return one of the FaceIds by its place: minted names differ from run to run."""
        names = self.names()
        return names[data.draw(st.integers(0, len(names) - 1))]

    def teardown(self) -> None:
        self.writer.gallery.close()
        self.replica.gallery.close()
        self.folder.cleanup()


def both_of(collection: Collection) -> tuple[Collection, Collection]:
    assert collection.second is not None
    return collection, collection.second


TwoModels.TestCase.settings = settings(max_examples=15, stateful_step_count=25, deadline=None)
TestTwoModels = pytest.mark.slow(TwoModels.TestCase)
