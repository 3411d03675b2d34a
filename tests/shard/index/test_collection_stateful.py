"""After any sequence of changes, snapshots and restarts, the index equals the table."""

import math
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import ClassVar, get_args

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from contract.errors import AlreadyBound, Conflict, LastTemplate
from contract.messages.by_kind import ByKind
from contract.messages.index_status import IndexKind
from contract.messages.message import Scope
from contract.vectors import Vector
from scoring.cohort import fuse
from scoring.score_scale import ScoreScale
from shard.gallery.change import StoredFace
from shard.gallery.enrollment import EnrollResult
from shard.gallery.gallery import Gallery
from shard.gallery.template_rows import MINTED_QUALITY, MOST_TEMPLATES, NewTemplate
from shard.index.collection import Collection
from shard.index.hit import Hit
from tests.shard.bound import bound
from tests.shard.fakes import DIMENSION, MODEL, vector_of
from tests.shard.index.contents import assert_equal_to_record

NAMES = st.sampled_from(["a", "b", "张三", "095"])
LISTED = 60
"""Members from which lists are made here."""
FIRST_OF_MANY = 1000
"""The first person of many who are imported."""
PERSONS = st.integers(0, 5)
SOURCES = st.none() | st.sampled_from(["x/1", "x/2", "x/3"])
QUALITIES = st.sampled_from([0.5, 1.0, 2.0])
RATES = ByKind(0.01, 0.02)
MEMBERS = st.none() | st.sampled_from(["m-1", "m-2"])

ROUNDING = 1e-6
"""Vectors of unit length that are brought to unit length once more."""

Tables = dict[int, tuple[StoredFace, bytes]]


class GalleryAndIndex(RuleBasedStateMachine):
    """A writer, and a replica that looks now and then."""

    kind: ClassVar[IndexKind] = "flat"
    rounding: ClassVar[float] = ROUNDING

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "gallery.sqlite3"
        self.writer = self.open(Gallery.open(self.path, "s"))
        self.replica = self.open(Gallery.follow(self.path, "s"))
        self.last_seq = 0
        self.visitors: list[str] = []
        self.merges: list[str] = []

    def open(self, gallery: Gallery) -> Collection:
        scale = ScoreScale.of_model(MODEL)
        return Collection.load(gallery, MODEL, DIMENSION, scale, kind=self.kind)

    @rule(name=NAMES, person=PERSONS, source=SOURCES, member=MEMBERS, quality=QUALITIES)
    def enroll(
        self, name: str, person: int, source: str | None, member: str | None, quality: float
    ) -> None:
        digest = source and str(person)
        template = NewTemplate(vector_of(person), MODEL, quality, source, digest)
        before = self.writer.gallery.has_picture(name, template) and table(self.writer.gallery)
        rows = table(self.writer.gallery)
        try:
            stored = self.writer.enroll(name, template, member)
        except AlreadyBound:
            assert table(self.writer.gallery) == rows
            return
        again = self.writer.enroll(name, template, member)
        assert again == EnrollResult(stored.kind, "unchanged", stored.template_id)
        if before and stored.outcome == "unchanged":
            assert table(self.writer.gallery).keys() == before.keys()

    @rule(person=PERSONS, provisional=st.booleans())
    def mint(self, person: int, provisional: bool) -> None:
        template = NewTemplate(vector_of(person), MODEL, MINTED_QUALITY)
        face, known = self.writer.mint(template, RATES, provisional)
        again, known_again = self.writer.mint(template, RATES, provisional)
        assert again.face_id == face.face_id
        assert known_again is not None
        if known is None:
            self.visitors.append(face.face_id)

    @precondition(lambda self: bool(self.visitors_here()))
    @rule(data=st.data(), person=PERSONS, member=MEMBERS)
    def enroll_a_visitor(self, data: st.DataObject, person: int, member: str | None) -> None:
        name = drawn(data, self.visitors_here())
        with suppress(AlreadyBound):
            self.writer.enroll(name, NewTemplate(vector_of(person), MODEL, 1.0), member)

    @precondition(lambda self: bool(table(self.writer.gallery)))
    @rule(data=st.data(), person=PERSONS, visit=st.sampled_from("123456"), quality=QUALITIES)
    def learn(self, data: st.DataObject, person: int, visit: str, quality: float) -> None:
        """A visit teaches one FaceId at most, beside what it is founded on."""
        name, gallery = self.drawn_name(data), self.writer.gallery
        founding = [t.template_id for t in gallery.face(name).templates if not t.learned_from]
        template = NewTemplate(vector_of(person), MODEL, quality, learned_from=visit)
        kept = self.writer.change(gallery.learn, name, template)
        after = gallery.face(name).templates
        assert [t.template_id for t in after if not t.learned_from] == founding
        assert kept == (visit in {t.learned_from for t in after})

    @precondition(lambda self: bool(table(self.writer.gallery)))
    @rule(data=st.data())
    def forget_what_was_learned(self, data: st.DataObject) -> None:
        name, gallery = self.drawn_name(data), self.writer.gallery
        learned = [t for t in gallery.face(name).templates if t.learned_from]
        assert self.writer.change(gallery.forget, name) == len(learned)
        assert all(t.learned_from is None for t in gallery.face(name).templates)

    @precondition(lambda self: self.writer.counts.faces > 1)
    @rule(data=st.data())
    def tell_apart(self, data: st.DataObject) -> None:
        one, other = self.drawn_name(data), self.drawn_name(data)
        if one != other:
            gallery = self.writer.gallery
            self.writer.change(gallery.add_distinction, one, other)
            told = [*gallery.face(one).templates, *gallery.face(other).templates]
            assert all(template.learned_from is None for template in told)

    @precondition(lambda self: bool(table(self.writer.gallery)))
    @rule(data=st.data())
    def erase(self, data: st.DataObject) -> None:
        name = self.drawn_name(data)
        held_by_name = sum(face.face_id == name for face, _ in table(self.writer.gallery).values())
        assert self.writer.erase(name) >= held_by_name  # more when it was merged into others
        assert not list(self.path.parent.glob("*-index-*"))
        self.visitors = [visitor for visitor in self.visitors if visitor != name]

    @precondition(lambda self: bool(table(self.writer.gallery)))
    @rule(data=st.data())
    def erase_a_template(self, data: st.DataObject) -> None:
        gallery, name = self.writer.gallery, self.drawn_name(data)
        listed = gallery.face(name).templates
        drawn_one = listed[data.draw(st.integers(0, len(listed) - 1))]
        number, before = drawn_one.template_id, table(gallery)
        learned = {t.template_id for t in listed if t.learned_from}
        gone = {number} if number in learned else {number, *learned}
        try:
            left = self.writer.change(gallery.erase_template, name, number, MODEL)
        except LastTemplate:
            assert (len(listed) - len(learned), table(gallery)) == (1, before)
            assert number not in learned
            return
        assert left == len(listed) - len(gone)
        assert table(gallery) == {key: row for key, row in before.items() if key not in gone}
        source = gallery.imports.source(drawn_one.source) if drawn_one.source else None
        assert source is None or source.face_id != name or source.outcome == "erased"

    @precondition(lambda self: bool(table(self.writer.gallery)))
    @rule(data=st.data(), name=NAMES)
    def rename(self, data: st.DataObject, name: str) -> None:
        gallery, old, before = (
            self.writer.gallery,
            self.drawn_name(data),
            table(self.writer.gallery),
        )
        try:
            record = self.writer.change(gallery.rename, old, name)
        except Conflict:
            assert table(gallery) == before
            return
        assert record == self.writer.change(gallery.rename, old, name)  # a second time
        assert table(gallery) == {
            key: (replace(face, face_id=name) if face.face_id == old else face, vector)
            for key, (face, vector) in before.items()
        }

    @precondition(lambda self: bool(table(self.writer.gallery)))
    @rule(data=st.data(), member=st.sampled_from(["m-1", "m-2"]), roams=st.booleans())
    def bind(self, data: st.DataObject, member: str, roams: bool) -> None:
        gallery = self.writer.gallery
        name = self.drawn_name(data)
        self.writer.change(gallery.bind, bound(name, member, roams))
        record = gallery.face(name)
        assert (record.kind, record.cross_store) == ("member", roams)

    @precondition(lambda self: bool(table(self.writer.gallery)))
    @rule(data=st.data())
    def unbind(self, data: st.DataObject) -> None:
        name = self.drawn_name(data)
        assert self.writer.change(self.writer.gallery.bind, {name: None}) == [name]
        assert self.writer.gallery.face(name).member is None

    @precondition(lambda self: self.writer.counts.faces > 1)
    @rule(data=st.data())
    def merge(self, data: st.DataObject) -> None:
        into, source = self.drawn_name(data), self.drawn_name(data)
        if into != source:
            merge = f"merge-{len(self.merges)}"
            assert self.writer.change(self.writer.gallery.merge, merge, into, source) > 0
            self.merges.append(merge)

    @precondition(lambda self: self.writer.counts.faces > 0)
    @rule(data=st.data())
    def set_aside(self, data: st.DataObject) -> None:
        merge = f"merge-{len(self.merges)}"
        name = self.drawn_name(data)
        assert self.writer.change(self.writer.gallery.merge, merge, None, name) > 0
        self.merges.append(merge)

    @precondition(lambda self: bool(self.merges))
    @rule(data=st.data())
    def undo_a_merge(self, data: st.DataObject) -> None:
        merge = drawn(data, self.merges)
        self.writer.change(self.writer.gallery.unmerge, merge)
        assert self.writer.change(self.writer.gallery.unmerge, merge) == 0

    @rule()
    def keep_for_the_next_start(self) -> None:
        self.writer.store_places(100)
        for confirm in self.writer.write_snapshots(lambda: None, share=0.0, least=0):
            confirm()

    @rule()
    def restart(self) -> None:
        self.writer.gallery.close()
        self.writer = self.open(Gallery.open(self.path, "s"))

    @rule()
    def look_from_the_replica(self) -> None:
        self.replica.catch_up()
        assert_equal_to_record(self.replica, self.rounding)
        assert self.replica.counts == self.writer.counts

    @invariant()
    def the_index_equals_the_table(self) -> None:
        stored = table(self.writer.gallery)
        assert_equal_to_record(self.writer, self.rounding)
        counts = self.writer.counts
        assert counts.templates == len(stored)
        assert counts.faces == counts.members + counts.visitors
        assert counts.faces == len({face.face_id for face, _ in stored.values()})
        assert counts.provisional == len({c.face_id for c, _ in stored.values() if c.provisional})
        assert counts.faces == len(self.writer.gallery.faces("", 1000).faces)

    @invariant()
    def what_is_learned_stands_beside_what_the_face_is_founded_on(self) -> None:
        learned = self.writer.gallery.learned_numbers()
        rows = table(self.writer.gallery)
        founded = {face.face_id for number, (face, _) in rows.items() if number not in learned}
        assert {face.face_id for face, _ in rows.values()} == founded

    @invariant()
    def nobody_has_more_templates_than_are_kept(self) -> None:
        owners = Counter(face.face_id for face, _ in table(self.writer.gallery).values())
        assert max(owners.values(), default=0) <= MOST_TEMPLATES

    @invariant()
    def the_sequence_only_grows(self) -> None:
        numbers = [
            template.seq
            for face in self.writer.gallery.faces("", 1000).faces
            for template in face.templates
        ]
        assert len(set(numbers)) == len(numbers)
        assert max(numbers, default=0) <= self.writer.seq
        assert self.last_seq <= self.writer.seq
        self.last_seq = self.writer.seq

    @invariant()
    def everyone_stored_is_found_at_distance_zero(self) -> None:
        stored = self.probed(self.writer.gallery)
        if not stored:
            return
        found = self.writer.search(np.stack([*stored.values()]), 20)
        for face, hits in zip(stored, found, strict=True):
            assert face in {hit.face for hit in hits if hit.distance < self.rounding}

    @invariant()
    def other_stores_find_none_but_members_who_roam(self) -> None:
        for collection in (self.writer, self.replica):
            stored = self.probed(collection.gallery)
            if not stored:
                continue
            probes = np.stack([*stored.values()])
            members = collection.search(probes, 20, "members")
            everyone = collection.search(probes, 20, "everyone")
            assert {hit.face.partition for row in members for hit in row} <= {"roaming"}
            assert {hit.face.partition for row in everyone for hit in row} <= {"roaming", "visitor"}
            if collection.seq != self.writer.seq:  # a replica that has not looked yet finds fewer
                continue
            for face, row in zip(stored, members, strict=True):
                assert (face in {hit.face for hit in row}) == (face.partition == "roaming")

    def probed(self, gallery: Gallery) -> dict[StoredFace, Vector]:
        """Return the mean vectors of the FaceIds that are searched for after each step."""
        return means(gallery)

    def visitors_here(self) -> list[str]:
        """Return the FaceIds that were minted and are not erased or merged into others."""
        stored = {face.face_id for face, _ in table(self.writer.gallery).values()}
        return [visitor for visitor in self.visitors if visitor in stored]

    def drawn_name(self, data: st.DataObject) -> str:
        """Return one of the FaceIds that are stored."""
        rows = [face.face_id for _, (face, _) in sorted(table(self.writer.gallery).items())]
        return drawn(data, list(dict.fromkeys(rows)))

    def teardown(self) -> None:
        self.writer.gallery.close()
        self.replica.gallery.close()
        self.folder.cleanup()


def drawn(data: st.DataObject, names: list[str]) -> str:
    """Return one of `names`, by its place: minted names differ from run to run, places do not."""
    return names[data.draw(st.integers(0, len(names) - 1))]


def table(gallery: Gallery) -> Tables:
    """Return what the record says: template number → FaceId, kind, member, provisional, vector."""
    return {
        number: (face, vector.tobytes())
        for number, (face, vector) in gallery.record.templates(MODEL).items()
    }


def means(gallery: Gallery) -> dict[StoredFace, Vector]:
    """Return the mean vector of each FaceId's templates."""
    templates: defaultdict[StoredFace, list[Vector]] = defaultdict(list)
    for face, blob in table(gallery).values():
        templates[face].append(np.frombuffer(blob, np.float32))
    return {face: fuse(vectors) for face, vectors in templates.items()}


class GalleryAndQuantizedIndex(GalleryAndIndex):
    """The same with vectors in 16 bits a number, held against a flat index of the same gallery."""

    kind = "sq8"
    rounding = 1e-4

    @invariant()
    def it_answers_as_a_flat_index_does(self) -> None:
        flat = Collection.load(self.replica.gallery, MODEL, DIMENSION, self.writer.scale)
        probes = np.stack([vector_of(person, 0.2) for person in range(6)])
        for scope in get_args(Scope):
            for exact, found in zip(
                flat.search(probes, 20, scope), self.writer.search(probes, 20, scope), strict=True
            ):
                assert {hit.face: hit.distinct for hit in found} == {
                    hit.face: hit.distinct for hit in exact
                }
                expected = {hit.face: (hit.score, hit.rival) for hit in exact}
                for hit in found:
                    assert (hit.score, hit.rival) == pytest.approx(expected[hit.face], abs=0.01)


def rival_of(hit: Hit, hits: list[Hit]) -> float:
    """Return the highest score of those who are distinct from a hit, found or not."""
    found = (other.score for other in hits if other.face.face_id in hit.distinct)
    return max(hit.rival, *found, -math.inf)


class GalleryAndLists(GalleryAndIndex):
    """The same with enough members for inverted lists, held against a flat index."""

    kind = "ivf_flat"

    def __init__(self) -> None:
        super().__init__()
        self.imported = 0
        self.import_many()
        self.make_lists()
        assert self.writer.index_status["roaming"].kind == "ivf_flat"

    @precondition(lambda self: self.imported < 3 * LISTED)
    @rule()
    def import_many(self) -> None:
        """As many as make twice as many: lists are made anew."""
        persons = range(FIRST_OF_MANY + self.imported, FIRST_OF_MANY + self.imported + 2 * LISTED)
        many = [
            (f"p-{one}", NewTemplate(vector_of(one), MODEL, 1.0, digest=str(one)))
            for one in persons
        ]
        self.writer.change(self.writer.gallery.enroll_all, many)
        self.imported += len(many)

    @rule()
    def make_lists(self) -> None:
        for each in (self.writer, self.replica):
            each.make_lists(lambda: None, LISTED)

    @rule(data=st.data(), person=PERSONS, name=NAMES)
    def make_lists_amid_changes(self, data: st.DataObject, person: int, name: str) -> None:
        """One FaceId goes, one comes or is altered, and one no longer roams, meanwhile."""
        gallery = self.writer.gallery
        changes: Iterator[Callable[[], object]] = iter(
            (
                lambda: self.writer.erase(self.drawn_name(data)),
                lambda: self.writer.enroll(name, NewTemplate(vector_of(person), MODEL, 1.0)),
                lambda: self.writer.change(
                    gallery.bind, bound(self.drawn_name(data), "m-1", False)
                ),
            )
        )

        def go_on() -> None:
            next(changes, int)()

        self.writer.make_lists(go_on, LISTED)

    def probed(self, gallery: Gallery) -> dict[StoredFace, Vector]:
        """Of the names that an import gave, a tenth: another one after each change."""
        every = (f"p-{one}" for one in range(FIRST_OF_MANY, FIRST_OF_MANY + self.imported))
        left_out = {name for name in every if not name.endswith(str(self.writer.seq % 10))}
        return {face: mean for face, mean in means(gallery).items() if face.face_id not in left_out}

    @invariant()
    def who_is_found_has_the_score_of_a_flat_index(self) -> None:
        flat = Collection.load(self.replica.gallery, MODEL, DIMENSION, self.writer.scale)
        probes = np.stack([vector_of(person, 0.2) for person in range(6)])
        for scope in get_args(Scope):
            everyone = flat.search(probes, flat.counts.faces, scope)
            found = self.writer.search(probes, 5, scope)
            for exact, hits in zip(everyone, found, strict=True):
                known = {hit.face: hit for hit in exact}
                for hit in hits:
                    assert hit.distinct == known[hit.face].distinct
                    assert hit.score == pytest.approx(known[hit.face].score, abs=0.01)
                    assert rival_of(hit, hits) == pytest.approx(
                        rival_of(known[hit.face], exact), abs=0.01
                    )


GalleryAndIndex.TestCase.settings = settings(max_examples=15, stateful_step_count=25, deadline=None)
TestGalleryAndIndex = pytest.mark.slow(GalleryAndIndex.TestCase)

GalleryAndQuantizedIndex.TestCase.settings = settings(
    max_examples=8, stateful_step_count=25, deadline=None
)
TestGalleryAndQuantizedIndex = pytest.mark.slow(GalleryAndQuantizedIndex.TestCase)

GalleryAndLists.TestCase.settings = settings(max_examples=6, stateful_step_count=20, deadline=None)
TestGalleryAndLists = pytest.mark.slow(GalleryAndLists.TestCase)
