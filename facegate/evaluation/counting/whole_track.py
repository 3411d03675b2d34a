"""A stranger is given a FaceId when the track's frames are fused, with their fused vector."""

import numpy as np

from contract.messages.by_kind import ByKind
from facegate.evaluation.counting.sightings import Sighting
from facegate.evaluation.counting.simulated_gallery import FaceNumber, SimulatedGallery
from facegate.evaluation.photographs import Rows

ENOUGH_FRAMES = 3
"""A stranger is named when so many frames are fused, or the track's last one has come."""


class WholeTrackRule:
    """Names a track when somebody passes, or when enough frames are fused.

    A later frame is compared with everybody but the FaceId that its own track has minted.
    """

    def __init__(self, rates: ByKind[float]) -> None:
        self._rates = rates

    def name(self, seen: Sighting, gallery: SimulatedGallery) -> FaceNumber:
        """See CountingRule."""
        person: FaceNumber | None = None
        minted: FaceNumber | None = None
        for track in seen.tracks:
            found = gallery.search(track, self._rates, but=minted)
            if found is not None:
                if minted is not None:
                    gallery.remove(minted)
                person, minted = found, None
            elif person is None and track.frames == min(ENOUGH_FRAMES, len(seen.tracks)):
                person = minted = gallery.mint(track, seen.day)
        assert person is not None  # the last frame names a stranger
        return person

    def persons(self, gallery: SimulatedGallery) -> Rows:
        """See CountingRule."""
        return np.arange(gallery.count)
