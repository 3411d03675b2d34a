"""The body of an answer, which has an end."""

MOST_BYTES = 256_000_000
"""More than the longest answer there is, the table of a million members."""


class EndlessAnswer(Exception):
    """An answer is longer than any."""


class AnswerBody:
    """Takes the pieces of a body as they come."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        """Allow the body so many bytes."""
        self._most_bytes = most_bytes
        self._content = bytearray()

    def add(self, some: bytes) -> None:
        """Take a piece. Raises EndlessAnswer when there are too many."""
        self._content += some
        if len(self._content) > self._most_bytes:
            raise EndlessAnswer(f"an answer of more than {self._most_bytes:,} bytes")

    @property
    def content(self) -> bytes:
        """All that has come."""
        return bytes(self._content)
