"""Files of named vectors, as other systems keep them: CSV, or NumPy's `.npz`."""

import csv
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from contract.errors import BadText
from contract.text.identifiers import FACE_ID
from contract.vectors import Vector

CSV, NPZ = ".csv", ".npz"
NAMES, VECTORS = "names", "vectors"
"""What the arrays of an `.npz` are called."""


class BadVectorFile(Exception):
    """A file that holds something else than vectors with names; the text says what and where."""


def read_vector_file(path: Path) -> Iterator[tuple[str, Vector]]:
    """Yield every FaceId and vector of a file, float32 of shape (d,), piece by piece.

    `.csv`: a line for each, FaceId and numbers. `.npz`: the arrays `names`, texts of shape (n,),
    and `vectors`, numbers of shape (n, d). Raises BadVectorFile where it is neither, and OSError.
    """
    rows = _rows_of_npz(path) if path.suffix.lower() == NPZ else _rows_of_csv(path)
    dimension = None
    for where, name, numbers in rows:
        with np.errstate(over="ignore"):  # what is too large becomes infinite, and is refused
            vector = numbers.astype(np.float32)
        dimension = dimension or len(vector)
        if not len(vector) or len(vector) != dimension:
            raise BadVectorFile(f"{where}: {len(vector)} numbers, {dimension or 1} are expected")
        if not np.isfinite(vector).all() or not vector.any():
            raise BadVectorFile(f"{where}: a number is not finite, or all are zero")
        try:
            yield FACE_ID(name), vector
        except BadText as error:
            raise BadVectorFile(f"{where}: {error.detail}") from error
    if dimension is None:
        raise BadVectorFile("there are no vectors in it")


_Row = tuple[str, str, Vector]
"""Where in the file, the name, and the numbers."""


def _rows_of_csv(path: Path) -> Iterator[_Row]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        lines = csv.reader(file, strict=True)
        try:
            for name, *texts in filter(None, lines):
                where = f"line {lines.line_num}"
                try:
                    yield where, name, np.array(texts, np.float64)
                except ValueError as error:
                    raise BadVectorFile(f"{where}: {error}") from error
        except (UnicodeDecodeError, csv.Error) as error:
            raise BadVectorFile(f"line {lines.line_num + 1}: {error}") from error


def _rows_of_npz(path: Path) -> Iterator[_Row]:
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            names, vectors = arrays[NAMES], arrays[VECTORS]
    except (KeyError, ValueError, EOFError, TypeError, zipfile.BadZipFile) as error:
        raise BadVectorFile(f"no file of `{NAMES}` and `{VECTORS}`: {error}") from error
    fits = names.ndim == 1 and vectors.ndim == 2 and len(names) == len(vectors)
    if not fits or names.dtype.kind != "U" or vectors.dtype.kind not in "fiu":
        raise BadVectorFile(
            f"`{NAMES}` are no texts of shape (n,), or `{VECTORS}` no numbers of shape (n, d)"
        )
    for number, (name, vector) in enumerate(zip(names.tolist(), vectors, strict=True)):
        yield f"row {number}", name, vector
