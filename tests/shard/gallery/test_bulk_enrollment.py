"""Many templates at once: the gallery is as if each had been enrolled by itself."""

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contract.errors import BadRequest
from contract.vectors import pack
from shard.gallery.gallery import Gallery
from shard.gallery.schema import faces, templates
from shard.gallery.schema import pictures as picture_rows
from shard.gallery.template_rows import NewTemplate
from shard.index.collection import Collection
from tests.new_database import put_gallery
from tests.shard.fakes import MODEL, vector_of

Named = tuple[str, NewTemplate]
PEOPLE = st.lists(st.tuples(st.sampled_from("abcdef"), st.integers(0, 3)), max_size=12)


def template(person: int) -> NewTemplate:
    vector = vector_of(person)
    digest = hashlib.sha256(pack(vector)).hexdigest()
    return NewTemplate(vector, MODEL, quality=1.0, digest=digest)


def one_by_one(gallery: Gallery, new: Sequence[Named]) -> list[Any]:
    return [gallery.enroll_all([each])[0] for each in new]


def contents(gallery: Gallery) -> dict[str, list[Any]]:
    """Return what is stored, without numbers that count and moments."""
    face = (faces.c.face_id, faces.c.kind, faces.c.member_id, faces.c.provisional, faces.c.roams)
    template = (templates.c.face_id, templates.c.vector, templates.c.model, templates.c.quality)
    own_picture = templates.c.picture == templates.c.template_id
    noted = (picture_rows.c.named, picture_rows.c.digest, picture_rows.c.face_id)
    with gallery.file.transaction() as connection:
        return {
            "faces": sorted(map(tuple, connection.execute(sa.select(*face)))),
            "templates": sorted(
                map(
                    tuple, connection.execute(sa.select(*template, templates.c.frames, own_picture))
                )
            ),
            "pictures": sorted(
                map(tuple, connection.execute(sa.select(*noted, picture_rows.c.erased)))
            ),
        }


@pytest.fixture
def open_gallery(tmp_path: Path) -> Callable[[], Gallery]:
    made: list[Path] = []

    def open_one() -> Gallery:
        path = tmp_path / f"gallery-{len(made)}.sqlite3"
        made.append(path)
        put_gallery(path)
        return Gallery.open(path, "s")

    return open_one


@given(before=PEOPLE, erased=st.sets(st.sampled_from("abcdef")), people=PEOPLE)
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_together_they_become_what_they_become_one_by_one(
    open_gallery: Callable[[], Gallery],
    before: list[tuple[str, int]],
    erased: set[str],
    people: list[tuple[str, int]],
) -> None:
    galleries = open_gallery(), open_gallery()
    results = []
    for gallery, enroll in zip(galleries, (Gallery.enroll_all, one_by_one), strict=True):
        one_by_one(gallery, [(name, template(person)) for name, person in before])
        gallery.erase([name for name in erased if name in {known for known, _ in before}])
        new = [(name, template(person)) for name, person in people]
        results.append([each and (each.kind, each.outcome) for each in enroll(gallery, new)])

    together, apart = map(contents, galleries)
    for gallery in galleries:
        gallery.close()
    assert results[0] == results[1]
    assert together == apart


def test_they_are_found_and_a_restart_finds_them(gallery: Gallery, collection: Collection) -> None:
    collection.change(gallery.enroll_all, [(f"m-{n}", template(n)) for n in range(20)])

    for n in range(20):
        [[hit, *_]] = collection.search(vector_of(n)[None, :], 1)
        assert hit.face.face_id == f"m-{n}"
    assert collection.counts.faces == collection.counts.roaming == 20


def test_one_that_looks_minted_lets_none_in(gallery: Gallery) -> None:
    new = [("a", template(1)), ("v-1", template(2)), ("b", template(3))]

    with pytest.raises(BadRequest):
        gallery.enroll_all(new)

    assert contents(gallery) == {"faces": [], "templates": [], "pictures": []}


def test_numbers_of_templates_are_never_given_again(gallery: Gallery) -> None:
    [first] = gallery.enroll_all([("a", template(1))])
    gallery.erase(["a"])

    [second] = gallery.enroll_all([("b", template(2))])

    assert first is not None
    assert second is not None
    assert second.template_id > first.template_id


def test_what_is_imported_again_is_told_by_a_few_statements(gallery: Gallery) -> None:
    new = [(f"m-{n}", template(n)) for n in range(100)]
    first = gallery.enroll_all(new)
    before, statements = contents(gallery), list[str]()

    def count(*executed: Any) -> None:
        statements.append(str(executed[2]))

    with gallery.file.transaction() as connection:
        engine = connection.engine
    sa.event.listen(engine, "before_cursor_execute", count)
    again = gallery.enroll_all(new)
    sa.event.remove(engine, "before_cursor_execute", count)

    assert len(statements) < 20
    assert [result and result.template_id for result in again] == [
        result and result.template_id for result in first
    ]
    assert {result and result.outcome for result in again} == {"unchanged"}
    assert contents(gallery) == before
