"""Traffic of a demo that keeps running: made-up past days, then a picture every few seconds."""

import itertools
import time
from collections.abc import Sequence

from facegate.client.api_error import ClientError
from facegate.client.client import Client
from facegate.demo.scenario import ScenarioVisit

EVERY_SECONDS = 20.0
"""Between two pictures."""


class DemoTraffic:
    """Posts the pictures of a demo again and again, so that its pages show something."""

    def __init__(self, client: Client, visits: Sequence[ScenarioVisit]) -> None:
        self._client = client
        self._coming = itertools.cycle(visits)
        self._next_at = time.monotonic() + EVERY_SECONDS

    def make_history(self) -> int:
        """Make up the visits of the last days; return how many."""
        return self._client.make_demo_data()

    def post_next(self) -> None:
        """Post the next picture if it is time; a cluster that does not answer is left alone."""
        if time.monotonic() < self._next_at:
            return
        self._next_at = time.monotonic() + EVERY_SECONDS
        visit = next(self._coming)
        try:
            self._client.recognize(visit.store, visit.content, mint=visit.mint, camera="door")
        except ClientError:
            return
