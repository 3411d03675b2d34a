"""dlib's files of landmarks, laid out as the compiled kernel walks through them.

A file has, after a version, the landmarks of the mean face; forests of trees, a tree being its
splits (two pixels and the difference that decides) and what each of its leaves adds to the
landmarks; and for each forest the pixels that it looks at, as a landmark and the way from there.

The table has five numbers (forests, trees of each, splits from a root to a leaf, pixels,
landmarks), from word 16 on the mean face, then for each forest its pixels and its splits, and at
last all leaves. It is of 32-bit words, integers or floats; what is read together begins a line of
the cache.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from encoder.files.cached_array import cached_array
from encoder.files.dlib_values import BadValues, DlibValues
from encoder.files.file_cache import FileCache
from encoder.files.model_files import NetworkFile

LINE = 16
"""Words of a line of the cache: the five numbers fill one, a leaf of five landmarks another."""
_VERSION = 2
"""Rises with every change of the table."""
_MOST_PIXELS = 1 << 15


class _Forest(NamedTuple):
    splits: NDArray[np.int32]
    """Two pixels in one word and the bits of the difference that decides, (trees, splits, 2)."""
    leaves: NDArray[np.float32]
    """Shape (trees, leaves, 2 × landmarks)."""


class _Pixels(NamedTuple):
    nearest: NDArray[np.int32]
    """Landmarks, shape (pixels,)."""
    ways: NDArray[np.float32]
    """Shape (pixels, 2)."""


def landmark_table(file: NetworkFile, cache: FileCache) -> NDArray[np.int32]:
    """Return the table of a file, made once a machine. Raises BadValues and ConfigurationError."""
    stem = f"{file.path.stem}-{file.digest[:16]}-{_VERSION}"
    return cached_array(cache, stem, lambda: table_of(file.contents()))


def table_of(data: bytes) -> NDArray[np.int32]:
    """Return the table of a file's bytes. Raises BadValues when it holds no landmarks."""
    values = DlibValues(data)
    if values.integer() != 1:
        raise BadValues("landmarks of another version")
    mean = _matrix(values)
    forests = [_forest(values, mean.size) for _ in range(values.integer())]
    nearest = [values.integers(values.integer()) for _ in range(values.integer())]
    ways = [_ways(values) for _ in range(values.integer())]
    pixels = [
        _Pixels(np.array(one, np.int32), other) for one, other in zip(nearest, ways, strict=False)
    ]
    sizes = _sizes(mean, forests, pixels)
    if len(nearest) != len(ways) or len(ways) != len(forests):
        raise BadValues("landmarks with pixels for other forests")
    parts = [np.array(sizes, np.int32), _bits(mean)]
    for forest, seen in zip(forests, pixels, strict=True):
        parts += [np.column_stack([seen.nearest, _bits(seen.ways)]), forest.splits]
    parts += [_whole_lines(_bits(forest.leaves)) for forest in forests]
    return np.concatenate([_whole_lines(part.ravel()) for part in parts])


def _sizes(
    mean: NDArray[np.float32], forests: list[_Forest], pixels: list[_Pixels]
) -> tuple[int, int, int, int, int]:
    """Return forests, trees of each, splits from a root to a leaf, pixels of each, landmarks."""
    shapes = {forest.leaves.shape for forest in forests}
    seen = {count for one in pixels for count in (len(one.nearest), len(one.ways))}
    if len(shapes) != 1 or len(seen) != 1 or mean.size % 2:
        raise BadValues("landmarks in forests of several sizes")
    ((trees, leaves, _),) = shapes
    return len(forests), trees, leaves.bit_length() - 1, seen.pop(), mean.size // 2


def _forest(values: DlibValues, width: int) -> _Forest:
    """Return the next forest; its leaves move `width` numbers. A tree of it is like another."""
    trees, splits = values.integers(2)
    leaves = splits + 1
    inner, outer = 4 * splits, leaves * (2 + 2 * width)
    if trees < 1 or splits < 1 or leaves & splits:
        raise BadValues("trees that are not full")
    rest = values.block(trees * (1 + inner + 1 + outer) - 1)
    numbers = np.concatenate([[splits], rest]).reshape(trees, -1)
    heads, inner_part, counts, outer_part = np.split(numbers, [1, 1 + inner, 2 + inner], axis=1)
    questions = inner_part.reshape(trees, splits, 4)
    answers = outer_part.reshape(trees, leaves, -1)
    if (heads != splits).any() or (counts != leaves).any():
        raise BadValues("trees of several sizes")
    if (np.abs(answers[:, :, 0] * answers[:, :, 1]) != width).any():
        raise BadValues("leaves for other landmarks")
    pairs = questions[:, :, :2]
    if not 0 <= pairs.min() <= pairs.max() < _MOST_PIXELS:
        raise BadValues("a pixel of a tree that is none")
    limits = _floats(questions[:, :, 2:])
    words = np.stack([pairs[:, :, 0] << 16 | pairs[:, :, 1], _bits(limits)[:, :, 0]], axis=2)
    return _Forest(words.astype(np.int32), _floats(answers[:, :, 2:]))


def _ways(values: DlibValues) -> NDArray[np.float32]:
    count = values.integer()
    return _floats(values.block(4 * count)).reshape(count, 2)


def _matrix(values: DlibValues) -> NDArray[np.float32]:
    rows, columns = map(abs, values.integers(2))
    return np.array(values.floats(rows * columns), np.float32)


def _floats(numbers: NDArray[np.int64]) -> NDArray[np.float32]:
    """Return the floats of which mantissa and exponent come in turn in the last dimension."""
    return np.ldexp(numbers[..., ::2], numbers[..., 1::2]).astype(np.float32)


def _bits(numbers: NDArray[np.float32]) -> NDArray[np.int32]:
    return numbers.view(np.int32)


def _whole_lines(words: NDArray[np.int32]) -> NDArray[np.int32]:
    """Return the words with zeros appended to the last dimension, to its next whole line."""
    room = [(0, 0)] * (words.ndim - 1) + [(0, -words.shape[-1] % LINE)]
    return np.pad(words, room)
