"""How many keys that are not valid came from each address of late."""

import time
from collections import OrderedDict
from collections.abc import Callable

from contract.errors import TooManyFailedKeys

MOST = 10
"""Refusals that one address is answered in each window; from then on it is answered 429."""
WINDOW_SECONDS = 60.0
ADDRESSES = 10_000
"""Addresses that are remembered: what strangers send takes no more memory than that."""


class FailedKeys:
    """Counts refusals by address. It slows down who guesses, and never who has a valid key."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._counts: OrderedDict[str, tuple[float, int]] = OrderedDict()
        """When the window of an address began, and how many keys were refused in it."""

    def note(self, address: str) -> None:
        """Count a refusal. Raises TooManyFailedKeys when the address has had its share."""
        now = self._monotonic()
        began, count = self._counts.pop(address, (now, 0))
        if now - began >= WINDOW_SECONDS:
            began, count = now, 0
        self._counts[address] = (began, count + 1)
        if len(self._counts) > ADDRESSES:
            self._counts.popitem(last=False)
        if count >= MOST:
            raise TooManyFailedKeys(
                f"more than {MOST} keys from {address} were not valid within a minute"
            )
