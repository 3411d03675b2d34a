"""Enrol the vectors of a file through the gateway."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from contract.messages.faces import MOST_ENROLLED, NamedVector, VectorsDraft
from contract.vectors import to_text
from facegate.client.client import Client
from facegate.client.vector_file import read_vector_file

Progress = Callable[[int, int], None]
"""Called with the vectors that are done and the vectors in all."""


@dataclass(frozen=True)
class ImportedVectors:
    """What became of the vectors of a file: how many, and the FaceIds of erased people."""

    enrolled: int
    unchanged: int
    erased: tuple[str, ...]


def import_vectors(
    client: Client,
    store: str,
    path: Path,
    model: str,
    progress: Progress = lambda done, total: None,
) -> ImportedVectors:
    """Import the vectors of a file into `store`; see `read_vector_file`, whose errors are raised.

    The file is read to its end before anything is sent. Raises ClientError when the import cannot
    go on; what was enrolled until then stays, and the next run goes on.
    """
    total = sum(1 for _ in read_vector_file(path))
    enrolled = unchanged = 0
    erased: list[str] = []
    for faces in _batches(path):
        answer = client.enroll_vectors(store, VectorsDraft(model=model, faces=faces))
        enrolled += answer.enrolled
        unchanged += answer.unchanged
        erased += answer.erased
        progress(enrolled + unchanged + len(erased), total)
    return ImportedVectors(enrolled, unchanged, tuple(erased))


def _batches(path: Path) -> Iterator[list[NamedVector]]:
    """Yield what is in the file, as much at once as one request takes."""
    rows = read_vector_file(path)
    while some := list(islice(rows, MOST_ENROLLED)):
        yield [NamedVector(face_id=name, vector=to_text(vector)) for name, vector in some]
