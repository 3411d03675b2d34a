"""Galleries of drawn people for the shards: every store has its own people."""

import hashlib
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np

from bench.chain.people import SCALE, SearchedPeople
from contract.stores.stored_galleries import gallery_file
from contract.vectors import Vectors, pack
from shard.gallery.gallery import Gallery
from shard.gallery.indexing.stored_places import placing_number
from shard.gallery.meta_rows import last_seq
from shard.gallery.template_rows import NewTemplate
from tests.new_database import put_gallery

FACES = 500


def store_name(number: int) -> str:
    """Return what the store with this number is called."""
    return f"store-{number:04}"


class DrawnGalleries:
    """Galleries of FACES drawn people each, always the same ones for a store.

    One is filled as an import of vectors fills it, which takes a second; the others are copies of
    it with other vectors. Places among the strangers are stored in them, as after a store's first
    start, and each is made once: telling the places takes 60 ms of CPU.
    """

    def __init__(self, folder: Path) -> None:
        """Keep them in a folder; whatever it has already is taken as it is."""
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._first = folder / "first.sqlite3"
        if not self._first.exists():
            _write(self._first, _people(0))

    def put(self, data: Path, count: int) -> Vectors:
        """Make galleries for the first stores in the folder `data`; return whom they know."""
        for number in range(count):
            path = gallery_file(data, store_name(number))
            path.parent.mkdir(parents=True)
            shutil.copyfile(self._made(number), path)
        return np.concatenate([_people(number) for number in range(count)])

    def _made(self, number: int) -> Path:
        path = self._folder / f"{store_name(number)}.sqlite3"
        if not path.exists():
            draft = path.with_suffix(".new")
            shutil.copyfile(self._first, draft)
            _replace(draft, store_name(number), _people(number))
            draft.rename(path)
        return path


def _people(number: int) -> Vectors:
    """Return whom the store with this number knows."""
    return SearchedPeople(seed=1000 + number).draw(FACES)


def _write(path: Path, people: Vectors) -> None:
    draft = path.with_suffix(".new")
    put_gallery(draft)
    gallery = Gallery.open(draft, draft.stem)
    templates = (
        NewTemplate(v, SCALE.model, quality=1.0, digest=hashlib.sha256(pack(v)).hexdigest())
        for v in people
    )
    assert SCALE.cohort.name is not None, "those of scales have one"
    placing = placing_number(SCALE.model, SCALE.cohort.name)
    try:
        gallery.enroll_all([(f"member-{n:03}", each) for n, each in enumerate(templates)])
        numbers = np.arange(1, len(people) + 1)
        placed = SCALE.cohort.place(people)
        with gallery.file.transaction() as connection:
            seq = last_seq(connection)
        gallery.places.store(numbers, placed, placing, [placing], seq)
        gallery.imports.set_complete(True)
    finally:
        gallery.close()
    draft.rename(path)


def _replace(path: Path, store: str, people: Vectors) -> None:
    """Make the gallery in a file one of a `store` with other people."""
    placed = SCALE.cohort.place(people).pairs
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("UPDATE meta SET store = ?", (store,))
        connection.executemany(
            "UPDATE templates SET vector = ? WHERE template_id = ?",
            [(pack(vector), number) for number, vector in enumerate(people, start=1)],
        )
        connection.executemany(
            "UPDATE places SET mean = ?, deviation = ? WHERE number = ?",
            [(*place, number) for number, place in enumerate(placed, start=1)],
        )
