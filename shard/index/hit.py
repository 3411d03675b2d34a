"""A search result: a FaceId, and how similar a probe is to it."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from contract.messages.by_kind import ByKind
from shard.gallery.change import StoredFace


@dataclass(frozen=True)
class Hit:
    """A FaceId, with the score and the L2 distance of a probe to the mean of its templates.

    `distinct` are FaceIds that were declared to be somebody else: a probe that matches one of them
    as well, with no lower score, is theirs. `rival` is the highest score of those of them whom the
    search did not cover; minus infinity when there are none.
    """

    face: StoredFace
    score: float
    distance: float
    distinct: frozenset[str] = frozenset()
    rival: float = -math.inf

    def passes(self, others: Iterable["Hit"], needed: ByKind[float]) -> bool:
        """Say whether the probe matches this FaceId; `others` are all hits of the same search.

        `needed` are the scores from which it may be a member, and a visitor.
        """
        threshold = needed.of(self.face.kind)
        enough = max(threshold, self.score)
        theirs = self.rival >= enough or any(
            hit.score >= enough and hit.face.face_id in self.distinct for hit in others
        )
        return self.score >= threshold and not theirs
