"""Changes of a gallery as an index gets them."""

from typing import NamedTuple

import numpy as np

from contract.vectors import Vectors
from scoring.cohort import Places
from shard.gallery.change import PARTITIONS, AlteredFaces, Change, Partition


class ChangedFace(NamedTuple):
    """A FaceId with all its templates, (n, d), each of so many frames."""

    number: int
    vectors: Vectors
    frames: int = 1
    partition: Partition = "roaming"
    provisional: bool = False


face = ChangedFace


def altered(*faces: ChangedFace) -> AlteredFaces:
    """Return FaceIds in columns; their places are not stored."""
    counts = np.array([len(each.vectors) for each in faces], np.int64)
    unknown = np.full(len(faces), np.nan, np.float32)
    return AlteredFaces(
        np.array([each.number for each in faces], np.int64),
        np.array([PARTITIONS.index(each.partition) for each in faces], np.int64),
        np.array([each.provisional for each in faces], np.bool_),
        counts,
        np.repeat([each.frames for each in faces], counts),
        np.concatenate([each.vectors for each in faces]),
        Places(unknown, unknown.copy()),
    )


def change_of(*faces: ChangedFace) -> Change:
    """Return a change that makes or alters these FaceIds."""
    return Change(altered=altered(*faces))
