"""Galleries of random faces for the shards."""

import hashlib
import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import numpy as np

from contract.vectors import Vector, pack
from encoder.files.model_files import RESNET, NetworkFile
from shard.gallery.gallery import Gallery
from shard.gallery.template_rows import NewTemplate

FACES = 500
DIMENSION = 128
NORM = 1.4
"""About the length of the model's vectors: random ones of it are far from any real face."""


def fill(data: Path, stores: Sequence[str]) -> None:
    """Make a gallery of FACES members for each of `stores` below the folder `data`.

    They hold the same faces: one is written, the others are copies of it with their own name.
    """
    first, *others = (data / store / "gallery.sqlite3" for store in stores)
    _enroll(first, stores[0])
    for path in others:
        copy_gallery(first, path, path.parent.name)


def copy_gallery(original: Path, path: Path, store: str) -> None:
    """Make a gallery of `store` in the file `path` that holds what `original` does."""
    path.parent.mkdir(parents=True)
    shutil.copyfile(original, path)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE meta SET store = ?", (store,))


def _enroll(path: Path, store: str) -> None:
    path.parent.mkdir(parents=True)
    model = NetworkFile.published(RESNET).model
    gallery = Gallery.open(path, store)
    try:
        templates = (
            NewTemplate(v, model, quality=1.0, digest=hashlib.sha256(pack(v)).hexdigest())
            for v in _random_vectors()
        )
        gallery.enroll_all([(f"{number:03}", each) for number, each in enumerate(templates)])
    finally:
        gallery.close()


def _random_vectors() -> list[Vector]:
    rows = np.random.default_rng(seed=1).normal(size=(FACES, DIMENSION))
    rows *= NORM / np.linalg.norm(rows, axis=1, keepdims=True)
    return list(rows.astype(np.float32))
