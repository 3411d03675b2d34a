"""`python -m shard.index_comparison STORE`: how each kind of index would do with a store's faces.

A step of `facegate index --compare`. It reads the gallery's file, in which a shard may write
meanwhile, and changes nothing.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from contract.errors import ConfigurationError, FacegateError
from contract.messages.index_status import IndexComparison, IndexKind, KindTrial
from contract.stores.stored_galleries import gallery_file
from contract.vectors import Vectors
from encoder.custom.chosen_model import chosen_model
from encoder.custom.model_folder import ModelFolder
from scoring.cohort import Places, fuse, unit
from scoring.score_scale import ScoreScale
from shard.gallery.gallery_file import GalleryFile
from shard.gallery.models.model_vectors import ModelVectors, model_vectors
from shard.index.indexed_vectors import IndexedVectors
from shard.index.kind_trial import TrialFaces, kind_trials
from shard.index.list_trial import MatchLikeness, match_probes

_MOST_HELD_OUT = 500
_PIECE = 300
"""Vectors placed at once: the cohort of 9,000 faces takes 11 MB for them."""
_SEED = 1
_ENOUGH = 0.995
"""The share of equal decisions from which on a kind is as good as `flat`."""
_QUICK_MS = 5.0
"""A search that takes no longer is no trouble: to encode a picture takes ten times as long."""
_LARGE = 1 << 30
"""Bytes of an index from which on half of it is worth a thought."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Print an IndexComparison as JSON; exit with one line and 1 when that cannot be."""
    parser = argparse.ArgumentParser(prog="python -m shard.index_comparison", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the galleries")
    parser.add_argument("--models", type=Path, required=True, help="folder of the face networks")
    parser.add_argument("--model", help="the store's face network; default: the installed one")
    parser.add_argument("--rate", type=float, required=True, help="the store's `threshold`")
    parser.add_argument("store")
    given = parser.parse_args(arguments)
    try:
        folder = chosen_model(ModelFolder(given.models), given.model)
        compared = compare_kinds(given.data, given.store, folder, given.rate)
    except FacegateError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(1)
    print(compared.model_dump_json())  # noqa: T201 - the command's answer


def compare_kinds(data: Path, store: str, model: Path | None, rate: float) -> IndexComparison:
    """Try every kind with the faces of a store's gallery in the folder `data`.

    `model` is the folder of its network where that is one of the user's own; `rate` the share of
    strangers who may be taken for a member. Raises ConfigurationError when there are no faces, and
    StorageError.
    """
    file = GalleryFile.follow(gallery_file(data, store), store)
    try:
        with file.read_while_checked():
            stored = model_vectors(file)
    finally:
        file.close()
    if stored.model is None:
        raise ConfigurationError(f"{store} has no faces yet: there is nothing to compare")
    folder = model if model is not None and model.is_dir() else None
    scale = ScoreScale.of_model(stored.model, folder)
    split = _split(stored)
    faces = _trial_faces(split, scale, rate)
    kinds = kind_trials(faces)
    recommended, reason = recommendation(kinds, len(split.vectors))
    return IndexComparison(
        store=store,
        model=stored.model,
        faces=len(split.vectors),
        held_out=len(split.held_out),
        simulated=len(faces.probes) - len(split.held_out),
        kinds=kinds,
        recommended=recommended,
        reason=reason,
    )


class _Split(NamedTuple):
    """One vector of each FaceId and of how many templates it is, and templates that were kept."""

    vectors: Vectors
    pictures: list[int]
    held_out: Vectors


def _split(stored: ModelVectors) -> _Split:
    """Fuse the templates of each FaceId, without the last of some who have several."""
    order = np.argsort(stored.owners, kind="stable")
    vectors = unit(stored.vectors)[order]
    groups = np.split(vectors, np.flatnonzero(np.diff(stored.owners[order])) + 1)
    several = [number for number, group in enumerate(groups) if len(group) > 1]
    random = np.random.default_rng(_SEED)
    count = min(_MOST_HELD_OUT, len(several))
    chosen = set(random.choice(several, count, replace=False).tolist()) if count else set()
    kept = [group[:-1] if n in chosen else group for n, group in enumerate(groups)]
    held_out = [groups[number][-1] for number in sorted(chosen)]
    dimension = vectors.shape[1]
    return _Split(
        np.stack([fuse(group) for group in kept]),
        [len(group) for group in kept],
        np.array(held_out, np.float32).reshape(-1, dimension),
    )


def _trial_faces(split: _Split, scale: ScoreScale, rate: float) -> TrialFaces:
    pieces = (slice(start, start + _PIECE) for start in range(0, len(split.vectors), _PIECE))
    placed = [scale.cohort.place(split.vectors[piece], split.pictures[piece]) for piece in pieces]
    indexed = IndexedVectors(np.arange(len(split.vectors)), split.vectors, Places.joined(placed))
    likeness = MatchLikeness.of(scale.parameters, len(split.vectors))
    probes = np.concatenate([split.held_out, match_probes(split.vectors, likeness)])
    needed = scale.parameters.threshold(len(split.vectors), rate)
    return TrialFaces(indexed, probes, scale.cohort.place(probes), likeness, needed)


def recommendation(kinds: Sequence[KindTrial], faces: int) -> tuple[IndexKind, str]:
    """Return the kind that a store of so many faces should have, and a sentence that says why."""
    by_name = {trial.kind: trial for trial in kinds}
    flat, listed, small = by_name["flat"], by_name["ivf_flat"], by_name["sq8"]
    gain = flat.p50_ms / max(listed.p50_ms, 1e-3)
    is_listed = listed.searched.kind == "ivf_flat" and listed.same_decision >= _ENOUGH
    if flat.p99_ms > _QUICK_MS and is_listed:
        return "ivf_flat", (
            f"a search takes {listed.p50_ms:.1f} ms instead of {flat.p50_ms:.1f}, {gain:.1f} times"
            f" less, and {listed.same_decision:.1%} are decided alike"
        )
    if flat.bytes_a_face * faces > _LARGE and small.same_decision >= _ENOUGH:
        return "sq8", (
            f"it takes {_megabytes(small, faces)} instead of {_megabytes(flat, faces)}, and"
            f" {small.same_decision:.1%} are decided alike"
        )
    return "flat", (
        f"an exact search takes {flat.p50_ms:.1f} ms and {_megabytes(flat, faces)}, and nothing"
        " else would do clearly better"
    )


def _megabytes(trial: KindTrial, faces: int) -> str:
    return f"{trial.bytes_a_face * faces / 1e6:.0f} MB"


if __name__ == "__main__":
    main()
