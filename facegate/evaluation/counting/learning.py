"""Visits of which it is sure who came teach the FaceId how the person looks."""

from collections import defaultdict

from contract.messages.by_kind import ByKind
from facegate.evaluation.counting.counting_rule import CountingRule
from facegate.evaluation.counting.sightings import FusedTrack, Sighting
from facegate.evaluation.counting.simulated_gallery import FaceNumber, SimulatedGallery
from facegate.evaluation.photographs import Rows
from scoring.cohort import fuse

MOST_TEMPLATES = 5
"""Vectors of a FaceId, the first one among them."""


class LearningRule:
    """Names visits by another rule, and adds the vectors of those who pass by the first one, too.

    A FaceId is searched by the mean direction of all that it has.
    """

    def __init__(self, rule: CountingRule, rates: ByKind[float]) -> None:
        self._rule = rule
        self._rates = rates
        self._templates: defaultdict[FaceNumber, list[FusedTrack]] = defaultdict(list)

    def name(self, seen: Sighting, gallery: SimulatedGallery) -> FaceNumber:
        """See CountingRule."""
        known = gallery.count
        person = self._rule.name(seen, gallery)
        track = seen.tracks[-1]
        templates = self._templates[person]
        if person >= known:
            templates.append(track)
        elif len(templates) < MOST_TEMPLATES and gallery.began_alike(person, track, self._rates):
            templates.append(track)
            pictures = sum(one.frames for one in templates)
            gallery.learn(person, fuse([one.vector for one in templates]), pictures)
        return person

    def persons(self, gallery: SimulatedGallery) -> Rows:
        """See CountingRule."""
        return self._rule.persons(gallery)
