"""Galleries of drawn people for the shards, filled as an import of vectors fills them."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

from bench.chain.people import SCALE, DrawnPeople
from bench.fanout.galleries import copy_gallery
from contract.stores.stored_galleries import gallery_file
from contract.vectors import Vectors, pack
from shard.gallery.gallery import Gallery
from shard.gallery.template_rows import NewTemplate
from tests.new_database import put_gallery

FACES = 500
_SETS = 10
"""Different galleries that are written, which takes seconds each; further stores have copies.

So somebody is known by several stores, and a search has to look at more of them than in a chain."""


def fill(data: Path, stores: Sequence[str], people: DrawnPeople) -> dict[str, Vectors]:
    """Make a gallery of FACES members for each of `stores` in the folder `data`.

    Returns whom each store knows.
    """
    known: dict[str, Vectors] = {}
    for number, store in enumerate(stores):
        path = gallery_file(data, store)
        if number < _SETS:
            known[store] = people.draw(FACES)
            _write(path, store, known[store])
        else:
            original = stores[number % _SETS]
            known[store] = known[original]
            copy_gallery(gallery_file(data, original), path, store)
    return known


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
