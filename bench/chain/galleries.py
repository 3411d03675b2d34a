"""Galleries of drawn people for the shards: every store has its own people."""

import hashlib
import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import numpy as np

from bench.chain.people import SCALE, DrawnPeople
from contract.stores.stored_galleries import gallery_file
from contract.vectors import Vectors, pack
from shard.gallery.gallery import Gallery
from shard.gallery.template_rows import NewTemplate
from tests.new_database import put_gallery

FACES = 500


class DrawnGalleries:
    """Galleries of FACES drawn people each.

    One is filled as an import of vectors fills it, which takes a second; the others are copies of
    it with other vectors.
    """

    def __init__(self, folder: Path) -> None:
        """Write the one that is copied into a folder."""
        self._people = DrawnPeople(seed=1)
        self._written = folder / "gallery.sqlite3"
        _write(self._written, self._people.draw(FACES))

    def put(self, data: Path, stores: Sequence[str]) -> Vectors:
        """Make a gallery for each of `stores` in the folder `data`; return whom they know."""
        known = [self._people.draw(FACES) for _ in stores]
        for store, people in zip(stores, known, strict=True):
            path = gallery_file(data, store)
            path.parent.mkdir(parents=True)
            shutil.copyfile(self._written, path)
            _replace(path, store, people)
        return np.concatenate(known)


def _write(path: Path, people: Vectors) -> None:
    put_gallery(path)
    gallery = Gallery.open(path, path.stem)
    templates = (
        NewTemplate(v, SCALE.model, quality=1.0, digest=hashlib.sha256(pack(v)).hexdigest())
        for v in people
    )
    try:
        gallery.enroll_all([(f"member-{n:03}", each) for n, each in enumerate(templates)])
        gallery.imports.set_complete(True)
    finally:
        gallery.close()


def _replace(path: Path, store: str, people: Vectors) -> None:
    """Make the gallery in a file one of a `store` with other people."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("UPDATE meta SET store = ?", (store,))
        connection.executemany(
            "UPDATE templates SET vector = ? WHERE template_id = ?",
            [(pack(vector), number) for number, vector in enumerate(people, start=1)],
        )
