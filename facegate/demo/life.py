"""A demo that goes on: made-up days for the charts, and people who keep walking in."""

import itertools
import time
from collections.abc import Sequence

from facegate.client.api_error import ClientError
from facegate.client.client import Client
from facegate.demo.world import Visit

EVERY_SECONDS = 20.0
"""Between two people who walk in."""


class DemoLife:
    """Keeps a cluster's pages alive, a picture at a time."""

    def __init__(self, client: Client, visits: Sequence[Visit]) -> None:
        self._client = client
        self._coming = itertools.cycle(visits)
        self._next_at = time.monotonic() + EVERY_SECONDS

    def begin(self) -> int:
        """Make up the visits of the last days; return how many."""
        return self._client.make_demo_data()

    def go_on(self) -> None:
        """Post the next picture if it is time; a cluster that does not answer is left alone."""
        if time.monotonic() < self._next_at:
            return
        self._next_at = time.monotonic() + EVERY_SECONDS
        visit = next(self._coming)
        try:
            self._client.recognize(visit.store, visit.content, mint=visit.mint, camera="door")
        except ClientError:
            return
