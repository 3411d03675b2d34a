"""Galleries of drawn people for the shards, filled as an import of vectors fills them."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from bench.chain.people import SCALE, DrawnPeople
from bench.fanout.galleries import copy_gallery
from contract.stores.stored_galleries import gallery_file
from contract.vectors import Vectors, pack
from shard.gallery.gallery import Gallery
from shard.gallery.template_rows import NewTemplate
from tests.new_database import put_gallery

FACES = 500
_SETS = 10
"""Different galleries: to write one takes seconds.

So somebody is known by several stores, and a search has to look at more of them than in a chain."""


class DrawnGalleries:
    """Galleries of drawn people, written once and copied for every store."""

    def __init__(self, folder: Path) -> None:
        """Write them into a folder, which takes half a minute."""
        people = DrawnPeople(seed=1)
        self._written: list[tuple[Path, Vectors]] = []
        for number in range(_SETS):
            path, vectors = folder / f"{number}.sqlite3", people.draw(FACES)
            _write(path, f"set-{number}", vectors)
            self._written.append((path, vectors))

    def put(self, data: Path, stores: Sequence[str]) -> Vectors:
        """Make a gallery of FACES members for each of `stores` in the folder `data`.

        Returns the people whom the stores know.
        """
        for number, store in enumerate(stores):
            copy_gallery(self._written[number % _SETS][0], gallery_file(data, store), store)
        return np.concatenate([vectors for _, vectors in self._written[: len(stores)]])


def _write(path: Path, store: str, vectors: Vectors) -> None:
    put_gallery(path)
    gallery = Gallery.open(path, store)
    try:
        gallery.enroll_all(
            [
                (
                    f"{store}-{number:03}",
                    NewTemplate(
                        vector,
                        SCALE.model,
                        quality=1.0,
                        digest=hashlib.sha256(pack(vector)).hexdigest(),
                    ),
                )
                for number, vector in enumerate(vectors)
            ]
        )
        gallery.imports.set_complete(True)
    finally:
        gallery.close()
