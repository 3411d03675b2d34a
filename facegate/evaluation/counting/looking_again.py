"""Afterwards the FaceIds of visitors are compared with each other, and joined."""

from facegate.evaluation.counting.counting_rule import CountingRule
from facegate.evaluation.counting.sightings import Sighting
from facegate.evaluation.counting.simulated_gallery import FaceNumber, SimulatedGallery
from facegate.evaluation.photographs import Rows
from scoring.linkage import linked_groups


class LookingAgainRule:
    """Names visits by another rule; then joins the visitors who are kept, by average linkage."""

    def __init__(self, rule: CountingRule) -> None:
        self._rule = rule

    def name(self, seen: Sighting, gallery: SimulatedGallery) -> FaceNumber:
        """See CountingRule."""
        return self._rule.name(seen, gallery)

    def persons(self, gallery: SimulatedGallery) -> Rows:
        """See CountingRule."""
        persons = self._rule.persons(gallery)
        visitors = gallery.visitors
        vectors, places = gallery.vectors(visitors), gallery.linking_places(visitors)
        for group in linked_groups(vectors, places, gallery.linking_limit(len(visitors))):
            joined = visitors[list(group.rows)]
            persons[joined] = joined[0]
        return persons
