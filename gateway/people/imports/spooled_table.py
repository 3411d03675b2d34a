"""The table of an import, in a file: read as often as it takes, a little at a time."""

import io
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import IO, TypeVar

from contract.messages.member_table import MemberLine, RefusedLine, read_lines
from contract.text.csv_text import encoding_of, rows_in

T = TypeVar("T")
Line = MemberLine | RefusedLine


class SpooledTable:
    """A table that came in parts."""

    def __init__(self, file: IO[bytes]) -> None:
        """Keep it in an empty `file`, which whoever opened it closes."""
        self._file = file
        self._text: io.TextIOWrapper | None = None

    def add(self, part: bytes) -> None:
        """Add a part. Raises OSError."""
        self._file.write(part)

    def lines(self) -> Iterator[Line]:
        """Return its lines from the first on. Raises BadRequest when it is no table."""
        if self._text is None:
            self._file.seek(0)
            encoding = encoding_of(self._file.read(2))
            self._text = io.TextIOWrapper(self._file, encoding=encoding, newline="")
        self._text.seek(0)
        return read_lines(rows_in(self._text))


def slice_of(
    lines: Iterator[T], seconds: float, most: int, clock: Callable[[], float] = time.perf_counter
) -> Sequence[T]:
    """Return the next lines that are read within so many seconds, at most so many; one at least.

    None are left where there is none.
    """
    end = clock() + seconds
    taken: list[T] = []
    for line in islice(lines, most):
        taken.append(line)
        if clock() >= end:
            break
    return taken
