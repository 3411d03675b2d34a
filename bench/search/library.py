"""Libraries that search in the process that uses them, each in one of its own.

`python -m bench.search.library faiss|lancedb|chroma FOLDER` reads `templates.npy` and `probes.npy`
in a folder and prints a line of JSON: what was measured.
"""

import json
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from bench.search.clients import Ask, Searched, milliseconds, search
from bench.search.memory import resident_bytes
from bench.search.names import name_of
from contract.vectors import Vector, Vectors

CLIENTS = (1, 32)
_PIECE = 5_000
"""Vectors that are added at once."""


@dataclass(frozen=True)
class LibraryRun:
    """What was measured of one library; times in seconds, by the number of clients."""

    build: float
    bytes_each: float
    add_ms: float
    remove_ms: float
    searched: dict[int, Searched]


class Library:
    """A library with the people in it."""

    def connect(self) -> Ask:
        """Return what searches on the thread that calls this."""
        return self.ask

    def ask(self, probe: Vector) -> str | None:
        """Return whom a probe is most like."""
        raise NotImplementedError

    def add(self, name: str, vector: Vector) -> None:
        """Add one vector."""
        raise NotImplementedError

    def remove(self, name: str) -> None:
        """Remove one."""
        raise NotImplementedError


class FaissFlat(Library):
    """Faiss by itself: a Flat index, one search after the other, names in a list."""

    def __init__(self, templates: Vectors, folder: Path) -> None:
        import faiss

        self._faiss = faiss
        self._index = faiss.IndexIDMap2(faiss.IndexFlatL2(templates.shape[1]))
        self._index.add_with_ids(templates, np.arange(len(templates)))
        self._names = {number: name_of(number) for number in range(len(templates))}

    def connect(self) -> Ask:
        """Let each thread compute alone: two would wait for each other, and spin meanwhile."""
        self._faiss.omp_set_num_threads(1)
        return self.ask

    def ask(self, probe: Vector) -> str | None:
        _, rows = self._index.search(probe[None, :], 1)
        return self._names[int(rows[0][0])]

    def add(self, name: str, vector: Vector) -> None:
        number = len(self._names)
        self._names[number] = name
        self._index.add_with_ids(vector[None, :], np.array([number]))

    def remove(self, name: str) -> None:
        number = next(n for n, known in self._names.items() if known == name)
        self._index.remove_ids(self._faiss.IDSelectorBatch(np.array([number])))
        del self._names[number]


class LanceDb(Library):
    """LanceDB, which compares every vector of a table where no index was made."""

    def __init__(self, templates: Vectors, folder: Path) -> None:
        import lancedb
        import pyarrow as pa

        def batches() -> Any:
            for start in range(0, len(templates), _PIECE):
                piece = templates[start : start + _PIECE]
                names = [name_of(start + n) for n in range(len(piece))]
                vectors = pa.FixedSizeListArray.from_arrays(piece.ravel(), piece.shape[1])
                yield pa.record_batch([pa.array(names), vectors], ["name", "vector"])

        schema = pa.schema(
            [("name", pa.string()), ("vector", pa.list_(pa.float32(), templates.shape[1]))]
        )
        database = lancedb.connect(folder / "lance")
        self._table = database.create_table("faces", batches(), schema=schema)

    def ask(self, probe: Vector) -> str | None:
        found = self._table.search(probe).select(["name", "_distance"]).limit(1)
        [row] = found.to_arrow().to_pylist()
        return str(row["name"])

    def add(self, name: str, vector: Vector) -> None:
        self._table.add([{"name": name, "vector": vector}])

    def remove(self, name: str) -> None:
        self._table.delete(f"name = '{name}'")


class Chroma(Library):
    """Chroma, whose index is HNSW: not exact, `recall` says how often it finds the nearest."""

    def __init__(self, templates: Vectors, folder: Path) -> None:
        import chromadb

        settings = chromadb.Settings(anonymized_telemetry=False)
        client = chromadb.PersistentClient(str(folder / "chroma"), settings)
        self._faces = client.create_collection("faces", embedding_function=None)
        for start in range(0, len(templates), _PIECE):
            piece = templates[start : start + _PIECE]
            self._faces.add([name_of(start + n) for n in range(len(piece))], embeddings=piece)

    def ask(self, probe: Vector) -> str | None:
        found = self._faces.query(query_embeddings=probe[None, :], n_results=1, include=[])
        return str(found["ids"][0][0])

    def add(self, name: str, vector: Vector) -> None:
        self._faces.add([name], embeddings=vector[None, :])

    def remove(self, name: str) -> None:
        self._faces.delete([name])


LIBRARIES: Mapping[str, Callable[[Vectors, Path], Library]] = {
    "faiss": FaissFlat,
    "lancedb": LanceDb,
    "chroma": Chroma,
}


def measure(make: Callable[[Vectors, Path], Library], folder: Path, seconds: float) -> LibraryRun:
    """Build a library of the people in `folder`, and measure it."""
    templates, probes = np.load(folder / "templates.npy"), np.load(folder / "probes.npy")
    make(templates[:10], folder / "first")  # what is imported and set up once is nobody's memory
    before, started = resident_bytes(), time.perf_counter()
    library = make(templates, folder)
    build, taken = time.perf_counter() - started, resident_bytes() - before

    searched = {
        clients: search(library.connect, list(probes), clients, seconds) for clients in CLIENTS
    }
    added = [milliseconds(partial(library.add, f"new-{n}", probes[n])) for n in range(20)]
    removed = [milliseconds(partial(library.remove, f"new-{n}")) for n in range(20)]
    return LibraryRun(
        build, taken / len(templates), float(np.median(added)), float(np.median(removed)), searched
    )


if __name__ == "__main__":
    ran = measure(LIBRARIES[sys.argv[1]], Path(sys.argv[2]), float(sys.argv[3]))
    print(json.dumps(asdict(ran)))
