"""Entries of the directory as PostgreSQL's COPY takes them in binary.

As text, the numbers of vectors take most of the time in which a directory is filled.
"""

import struct

import numpy as np
import sqlalchemy as sa

from contract.messages.directory.roaming_changes import RoamingChanges
from contract.vectors import Vectors

_COPY = (
    "COPY directory_entries (store, number, model, vector, mean, deviation)"
    " FROM STDIN (FORMAT binary)"
)
_HEADER = b"PGCOPY\n\xff\r\n\0" + struct.pack(">ii", 0, 0)
_END = struct.pack(">h", -1)
_COLUMNS = 6


def copy_entries(
    connection: sa.Connection, changes: RoamingChanges, model: int, vectors: Vectors
) -> None:
    """Add the n faces of `changes`, whose `vectors`, shape (n, d), are of the model so numbered.

    Raises DBAPIError, as statements of SQLAlchemy's do.
    """
    name = changes.store.encode()
    row = _row(len(name), vectors.shape[1])
    rows = np.zeros(len(changes.faces), row)
    rows["columns"] = _COLUMNS
    for column in ("store", "number", "model", "vector", "mean", "deviation"):
        rows[f"{column}_size"] = row[column].itemsize
    rows["store"] = name
    rows["number"] = [face.number for face in changes.faces]
    rows["model"] = model
    rows["vector"]["dimension"] = vectors.shape[1]
    rows["vector"]["values"] = vectors
    rows["mean"], rows["deviation"] = np.array([face.place for face in changes.faces]).T
    driver = connection.dialect.loaded_dbapi
    try:
        with connection.connection.cursor().copy(_COPY) as copy:
            copy.write(b"".join([_HEADER, rows.tobytes(), _END]))
    except driver.Error as error:
        raise sa.exc.DBAPIError.instance(_COPY, None, error, driver.Error) from error


def _row(name: int, dimension: int) -> np.dtype[np.void]:
    """Return a row as the server reads it: each column after its size in bytes, big-endian.

    pgvector sends and reads a vector as its dimension, a number that is not used, and its values.
    """
    vector = np.dtype([("dimension", ">i2"), ("unused", ">i2"), ("values", ">f4", (dimension,))])
    columns = {
        "store": np.dtype(f"S{name}"),
        "number": np.dtype(">i8"),
        "model": np.dtype(">i4"),
        "vector": vector,
        "mean": np.dtype(">f8"),
        "deviation": np.dtype(">f8"),
    }
    fields: list[tuple[str, object]] = [("columns", ">i2")]
    for column, kind in columns.items():
        fields += [(f"{column}_size", ">i4"), (column, kind)]
    return np.dtype(fields)
