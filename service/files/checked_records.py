"""A file of records, each of which is known to be as it was written, and in its place.

A record is its length (8 bytes, little-endian), its contents, and the SHA-256 of everything in the
file up to there. The last one is empty: a file that was cut short is known, too.
"""

from collections.abc import Iterable, Iterator
from hashlib import sha256
from itertools import chain
from typing import IO

_LENGTH_BYTES = 8
_LONGEST = 1 << 28
"""Bytes of a record: a damaged length does not make a reader take all memory."""


class FileDamaged(Exception):
    """A file is not as it was written."""


def write_records(file: IO[bytes], records: Iterable[bytes]) -> None:
    """Write records, none of them empty, and the end. Raises OSError."""
    written = sha256()
    for record in chain(records, [b""]):
        length = len(record).to_bytes(_LENGTH_BYTES, "little")
        for part in (length, record):
            file.write(part)
            written.update(part)
        checksum = written.digest()
        file.write(checksum)
        written.update(checksum)


def read_records(file: IO[bytes]) -> Iterator[bytes]:
    """Yield the records to the end. Raises FileDamaged, before what is damaged, and OSError."""
    read = sha256()
    while True:
        length = _part(file, _LENGTH_BYTES)
        size = int.from_bytes(length, "little")
        if size > _LONGEST:
            raise FileDamaged
        record = _part(file, size)
        read.update(length)
        read.update(record)
        checksum = _part(file, read.digest_size)
        if checksum != read.digest():
            raise FileDamaged
        read.update(checksum)
        if not record:
            return
        yield record


def _part(file: IO[bytes], size: int) -> bytes:
    part = file.read(size)
    if len(part) < size:
        raise FileDamaged
    return part
