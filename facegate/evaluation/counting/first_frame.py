"""A stranger is given a FaceId at the first frame, and keeps that frame's vector for ever."""

import numpy as np

from contract.messages.by_kind import ByKind
from facegate.evaluation.counting.sightings import Sighting
from facegate.evaluation.counting.simulated_gallery import FaceNumber, SimulatedGallery
from facegate.evaluation.photographs import Rows


class FirstFrameRule:
    """Names every frame of a track at once; the last frame decides whose visit it is.

    What an earlier frame of the track minted is dropped when a later one says somebody else.
    """

    def __init__(self, rates: ByKind[float]) -> None:
        self._rates = rates

    def name(self, seen: Sighting, gallery: SimulatedGallery) -> FaceNumber:
        """See CountingRule."""
        person: FaceNumber | None = None
        minted: FaceNumber | None = None
        for track in seen.tracks:
            person = gallery.search(track, self._rates)
            if minted is not None and person != minted:
                gallery.remove(minted)
                minted = None
            if person is None:
                person = minted = gallery.mint(track, seen.day)
        assert person is not None  # a track has a frame
        return person

    def persons(self, gallery: SimulatedGallery) -> Rows:
        """See CountingRule."""
        return np.arange(gallery.count)
