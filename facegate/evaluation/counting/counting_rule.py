"""The rules of counting that are compared: each says who comes, and afterwards who was who."""

from collections.abc import Callable
from typing import Protocol

from facegate.evaluation.counting.sightings import Sighting
from facegate.evaluation.counting.simulated_gallery import FaceNumber, SimulatedGallery
from facegate.evaluation.photographs import Rows


class CountingRule(Protocol):
    """Names visits, one after the other, with the FaceIds of one gallery."""

    def name(self, seen: Sighting, gallery: SimulatedGallery) -> FaceNumber:
        """Return the FaceId of a visit, once all its frames have come."""

    def persons(self, gallery: SimulatedGallery) -> Rows:
        """Return for each FaceId the number of the one that it was joined to, or its own."""


Policy = Callable[[], CountingRule]
"""Returns a rule that has seen nobody yet."""
