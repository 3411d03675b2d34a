"""The secret by which the services of one cluster know each other."""

import hmac
import secrets
from collections.abc import Sequence
from pathlib import Path

from contract.errors import ConfigurationError
from service.files.private_files import write_private

_LEAST = 32
"""Characters; `make_secret` makes 43, of 256 random bits."""


class ClusterSecret:
    """A cluster's secrets: the first is shown to others, and any of them is accepted.

    So a new one can be put before an old one that others still show.
    """

    def __init__(self, secrets: Sequence[str]) -> None:
        shown = [f"Bearer {secret}" for secret in secrets]  # RFC 6750
        self.header = {"Authorization": shown[0]}
        self._accepted = [value.encode() for value in shown]

    @classmethod
    def read(cls, path: Path) -> "ClusterSecret":
        """Read a file with a secret a line. Raises ConfigurationError, which shows none."""
        try:
            lines = path.read_text(encoding="ascii").split()
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigurationError(f"{path}: the cluster's secret cannot be read") from error
        if not lines or min(map(len, lines)) < _LEAST:
            raise ConfigurationError(
                f"{path}: expected a line of {_LEAST} characters or more, and no shorter one"
            )
        return cls(lines)

    def is_shown_in(self, authorization: bytes) -> bool:
        """Say whether the value of the header `Authorization` is one of the secrets."""
        return any(hmac.compare_digest(authorization, value) for value in self._accepted)


def make_secret(path: Path) -> None:
    """Write a new secret, which its owner alone can read, unless there is one. Raises OSError."""
    if not path.exists():
        write_private(path, secrets.token_urlsafe(32) + "\n")
