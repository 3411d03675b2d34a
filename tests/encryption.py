"""Keys to encrypt with in this process."""

from base64 import b64encode
from collections.abc import Callable

import pytest

from service.seal import own_seal

OLD, NEW = (b64encode(bytes([number] * 32)).decode() for number in (1, 2))

Keys = Callable[..., None]


def use_keys(environment: pytest.MonkeyPatch, *lines: str) -> None:
    """Give this process keys; the environment is read again."""
    environment.setenv("FACEGATE_ENCRYPTION_KEYS", "\n".join(lines) or "plain")
    own_seal.cache_clear()
