"""The body of an answer, which has an end: in bytes, and in time."""

import time

MOST_BYTES = 256_000_000
"""More than the longest answer there is, the table of a million members."""


class EndlessAnswer(Exception):
    """An answer goes on and on."""


class AnswerBody:
    """Takes the pieces of a body as they come."""

    def __init__(self, seconds: float, most_bytes: int = MOST_BYTES) -> None:
        """Allow the body so many seconds from now on, and so many bytes."""
        self._ends = time.monotonic() + seconds
        self._most_bytes = most_bytes
        self._content = bytearray()

    def add(self, some: bytes) -> None:
        """Take a piece. Raises EndlessAnswer when it is time that there were no more."""
        self._content += some
        if len(self._content) > self._most_bytes:
            raise EndlessAnswer(f"an answer of more than {self._most_bytes:,} bytes")
        if time.monotonic() > self._ends:
            raise EndlessAnswer("its answer does not end in time")

    @property
    def content(self) -> bytes:
        """All that has come."""
        return bytes(self._content)
