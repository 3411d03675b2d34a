"""Galleries of random faces for the shards."""

import hashlib
from collections.abc import Sequence
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
    """Make a gallery of FACES members of its own for each of `stores` below the folder `data`."""
    for seed, store in enumerate(stores):
        _enroll(data / store / "gallery.sqlite3", store, seed)


def _enroll(path: Path, store: str, seed: int) -> None:
    path.parent.mkdir(parents=True)
    model = NetworkFile.published(RESNET).model
    gallery = Gallery.open(path, store)
    try:
        templates = (
            NewTemplate(v, model, quality=1.0, digest=hashlib.sha256(pack(v)).hexdigest())
            for v in _random_vectors(seed)
        )
        gallery.enroll_all([(f"{number:03}", each) for number, each in enumerate(templates)])
    finally:
        gallery.close()


def _random_vectors(seed: int) -> list[Vector]:
    rows = np.random.default_rng(seed).normal(size=(FACES, DIMENSION))
    rows *= NORM / np.linalg.norm(rows, axis=1, keepdims=True)
    return list(rows.astype(np.float32))
