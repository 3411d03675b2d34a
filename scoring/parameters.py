"""The numbers of one model's scale: how a score is made, and how high it has to be.

Users ask for the share of strangers who may be taken for somebody. The more faces a stranger is
compared with, the better the best of them fits by chance; so the score that is needed grows with
their number, and one rate means the same in a store with 50 members and in one with 50,000. How the
curve behind it was measured: docs/accuracy.md.
"""

import hashlib
import math
from bisect import bisect
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from contract.stores.rate import HIGHEST, LOWEST
from scoring.false_rate import log_comparisons


class ThresholdCurve(BaseModel):
    """The score that is needed, against ln of the comparisons for one false match.

    Between the knots it is straight; above the last one it goes on as between the last two; below
    the first one it stays, for looser than that was not measured.
    """

    model_config = ConfigDict(frozen=True, validate_by_name=True, serialize_by_alias=True)

    log_comparisons: Annotated[tuple[float, ...], Field(alias="rarity")]
    score: tuple[float, ...]

    def at(self, log_comparisons: float) -> float:
        """Return the score at a value of `log_comparisons`, between the knots or beyond."""
        knots, scores = self.log_comparisons, self.score
        upper = min(max(bisect(knots, log_comparisons), 1), len(knots) - 1)
        left, right = knots[upper - 1], knots[upper]
        slope = (scores[upper] - scores[upper - 1]) / (right - left)
        return scores[upper - 1] + slope * (max(log_comparisons, knots[0]) - left)


class LinkingLimit(BaseModel):
    """The mean score from which groups of visitors are one person, by how many there are.

    It is `score` among `fewest` visitors or fewer, and grows by `per_e_fold` with ln of them. The
    more faces there are, the better the best of the strangers fits by chance.

    The defaults are those of dlib's network: 4.6 for 830, 8.4 for 20,000. They were fitted to
    people of LFW (up to 1,100), and to up to 8,000 drawn from a mixture of them, so that the
    visitors counted are right on average in mixes of people who come once and often.
    docs/accuracy.md has more.
    """

    model_config = ConfigDict(frozen=True)

    fewest: int = 260
    score: float = 3.2
    per_e_fold: float = 1.2

    def at(self, visitors: int) -> float:
        """Return the limit among so many FaceIds."""
        return self.score + self.per_e_fold * math.log(max(visitors, self.fewest) / self.fewest)


class ScoringParameters(BaseModel):
    """What `scoring.json` holds."""

    model_config = ConfigDict(frozen=True)

    model: str
    """What made the vectors that the cohort was made from."""
    best: int
    """How many of the nearest faces place a vector."""
    typical: tuple[float, float]
    """Mean and deviation of the place of an ordinary vector."""
    typical_share: float
    """What the typical deviation weighs beside a vector's own, which few faces tell."""
    curve: ThresholdCurve
    fused_extra: tuple[float, ...]
    """Score that a stranger gains when 1, 2, 3, … pictures are fused on either side."""
    linking: LinkingLimit = LinkingLimit()
    """When visitors are joined by looking again."""
    least_likeness: float = -0.4
    """Score with a FaceId's own templates from which on a face is the same person's: rounded down
    from −0.36, which 2% of the true pictures of one half of LFW's people do not reach by dlib's
    network (docs/accuracy.md)."""
    one_person: float = 2.0
    """A FaceId whose templates fall into two parts with a lower mean score looks like two people.

    On half of LFW's people, by dlib's network, with two pictures of each of two people whom a score
    of 4.5 or 6 takes for one: 66% and 52% are below. Of one person with two to five pictures,
    whichever they are: 6 to 11%; those that were recognised, or merged by their mean score, are
    more alike than that."""
    same_look: float = 0.1
    """L2 distance within which a vector tells nothing new. Of different photographs of one person
    in LFW the nearest are .107 apart by dlib's network (docs/accuracy.md); frames of one track are
    nearer."""
    people: frozenset[str]
    """Digests of the names of the people that the files were made from, and of those in whose
    pictures no face was found."""

    def threshold(self, faces: int, rate: float, frames: int = 1) -> float:
        """Return the score that a share `rate`, in (0, 1), of strangers reaches with somebody.

        `faces` is the number of vectors searched, one a FaceId, `frames` how many pictures of the
        stranger are fused. Infinite when nothing is searched.
        """
        if faces <= 0:
            return math.inf
        return self.curve.at(log_comparisons(faces, rate)) + self.gained_by_fusing(frames)

    def rate_at(self, faces: int, score: float) -> float:
        """Return the share of strangers for which `threshold` asks `score`, for one frame.

        It is one that a store map may say.
        """
        loose, strict = math.log(HIGHEST), math.log(LOWEST)
        for _ in range(60):
            middle = (loose + strict) / 2
            if self.threshold(faces, math.exp(middle)) < score:
                loose = middle
            else:
                strict = middle
        return max(LOWEST, math.exp(strict))

    def gained_by_fusing(self, pictures: int) -> float:
        """Return what a stranger's score gains when one side is fused of so many pictures."""
        return self.fused_extra[min(pictures, len(self.fused_extra)) - 1]

    def made_from(self, person: str) -> bool:
        """Say whether pictures of the person with that (folder) name went into the files."""
        return name_digest(person) in self.people


def name_digest(person: str) -> str:
    """Return what the files hold instead of a name."""
    return hashlib.sha256(person.encode()).hexdigest()[:12]
