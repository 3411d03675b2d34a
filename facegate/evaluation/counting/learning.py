"""Visits of which it is sure who came teach the FaceId how the person looks."""

from collections import defaultdict

from contract.messages.by_kind import ByKind
from facegate.evaluation.counting.counting_rule import CountingRule
from facegate.evaluation.counting.sightings import FusedTrack, Sighting
from facegate.evaluation.counting.simulated_gallery import FaceNumber, SimulatedGallery
from facegate.evaluation.photographs import Rows
from scoring.cohort import fuse

MOST_LEARNED = 4
"""Fused vectors that a FaceId is taught beside its first one."""


class LearningRule:
    """Names visits by another rule, and adds their vectors where a stricter limit is passed, too.

    A FaceId is searched by the mean direction of all that it was taught.
    """

    def __init__(self, rule: CountingRule, sure: ByKind[float]) -> None:
        self._rule = rule
        self._sure = sure
        self._taught: defaultdict[FaceNumber, list[FusedTrack]] = defaultdict(list)

    def name(self, seen: Sighting, gallery: SimulatedGallery) -> FaceNumber:
        """See CountingRule."""
        known = gallery.count
        person = self._rule.name(seen, gallery)
        track = seen.tracks[-1]
        taught = self._taught[person]
        if person >= known:
            taught.append(track)
        elif len(taught) <= MOST_LEARNED and gallery.search(track, self._sure) == person:
            self._learn(person, track, gallery)
        return person

    def _learn(self, person: FaceNumber, track: FusedTrack, gallery: SimulatedGallery) -> None:
        taught = self._taught[person]
        if not taught:  # a member's, enrolled before anybody came
            return
        taught.append(track)
        pictures = sum(one.frames for one in taught)
        gallery.learn(person, fuse([one.vector for one in taught]), pictures)

    def persons(self, gallery: SimulatedGallery) -> Rows:
        """See CountingRule."""
        return self._rule.persons(gallery)
