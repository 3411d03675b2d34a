"""dlib's file of five landmarks, laid out as the compiled kernel walks through it.

The file has, after a version, the landmarks of the mean face; forests of trees, a tree being its
splits (two pixels and the difference that decides) and what each of its leaves adds to the
landmarks; and for each forest the pixels that it looks at, as a landmark and the way from there.

The table has four numbers (forests, trees of each, splits from a root to a leaf, pixels), from word
16 on the mean face, then for each forest its pixels and its splits, and at last all leaves. It is
of 32-bit words, integers or floats; what is read together lies in a line of the cache.
"""

from collections.abc import Sequence
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from encoder.dlib_values import BadValues, Values
from encoder.kept_array import kept_array
from encoder.kept_files import KeptFiles
from encoder.model_files import NetworkFile

POINTS = 5
LINE = 16
"""Words of a line of the cache: the four numbers, the mean face and every leaf fill one."""
_VERSION = 1
"""Rises with every change of the table."""


_Word = TypeVar("_Word", np.int32, np.float32)


class _Tree(NamedTuple):
    splits: NDArray[np.int32]
    """Two pixels in one word and the bits of the difference that decides, shape (splits, 2)."""
    leaves: NDArray[np.float32]
    """Shape (leaves, LINE)."""


def landmark_table(file: NetworkFile, kept: KeptFiles) -> NDArray[np.int32]:
    """Return the table of a file, made once a machine. Raises BadValues and OSError."""
    stem = f"{file.path.stem}-{file.digest[:16]}-{_VERSION}"
    return kept_array(kept, stem, lambda: table_of(file.path.read_bytes()))


def table_of(data: bytes) -> NDArray[np.int32]:
    """Return the table of a file's bytes. Raises BadValues when it is not of five landmarks."""
    values = Values(data)
    if values.integer() != 1:
        raise BadValues("landmarks of another version")
    mean = _matrix(values)
    forests = [[_tree(values) for _ in range(values.integer())] for _ in range(values.integer())]
    landmarks = [values.integers(values.integer()) for _ in range(values.integer())]
    ways = [
        np.array([values.floats(2) for _ in range(values.integer())], np.float32)
        for _ in range(values.integer())
    ]
    sizes = _sizes(mean, forests, landmarks, ways)
    parts = [np.array(sizes, np.int32), _bits(mean)]
    for forest, nearest, way in zip(forests, landmarks, ways, strict=True):
        places = np.column_stack([np.array(nearest, np.int32), way.view(np.int32)])
        splits = np.concatenate([tree.splits for tree in forest])
        parts += [places.ravel(), splits.ravel()]
    parts += [tree.leaves.view(np.int32).ravel() for forest in forests for tree in forest]
    return np.concatenate([_whole_lines(part) for part in parts])


def _sizes(
    mean: NDArray[np.float32],
    forests: Sequence[Sequence[_Tree]],
    landmarks: Sequence[Sequence[int]],
    ways: Sequence[NDArray[np.float32]],
) -> tuple[int, int, int, int]:
    """Return forests, trees of each, splits from a root to a leaf, pixels of each forest."""
    trees = {len(forest) for forest in forests}
    leaves = {len(tree.leaves) for forest in forests for tree in forest}
    splits = {len(tree.splits) for forest in forests for tree in forest}
    pixels = {len(nearest) for nearest in landmarks} | {len(way) for way in ways}
    if (
        len(mean) != 2 * POINTS
        or {len(trees), len(leaves), len(pixels)} != {1}
        or {len(landmarks), len(ways)} != {len(forests)}
        or (leaves | splits) != {2 ** (min(leaves).bit_length() - 1), min(leaves) - 1}
    ):
        raise BadValues("not five landmarks in forests of one size")
    return len(forests), trees.pop(), min(leaves).bit_length() - 1, pixels.pop()


def _tree(values: Values) -> _Tree:
    splits = []
    for _ in range(values.integer()):
        one, other = values.integers(2)
        if not 0 <= min(one, other) <= max(one, other) < 1 << 15:
            raise BadValues("a pixel of a tree that is none")
        splits.append((one << 16 | other, *_bits(np.array(values.floats(1), np.float32))))
    leaves = [_whole_lines(_matrix(values)) for _ in range(values.integer())]
    return _Tree(np.array(splits, np.int32), np.array(leaves, np.float32))


def _matrix(values: Values) -> NDArray[np.float32]:
    rows, columns = map(abs, values.integers(2))
    return np.array(values.floats(rows * columns), np.float32)


def _bits(numbers: NDArray[np.float32]) -> NDArray[np.int32]:
    return numbers.view(np.int32)


def _whole_lines(words: NDArray[_Word]) -> NDArray[_Word]:
    return np.pad(words, (0, -len(words) % LINE))
