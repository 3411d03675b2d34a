"""When it is certain who faces are, though not every store has answered.

Then the answer is the one that all stores together would give. It is, when

- the most alike so far is a member, known as the same in all stores, whose score passes at a
  tenth of the rate at which strangers may be taken for somebody: among all the faces of the
  chain hardly ever one of somebody else comes as near;
- everybody else is clearly less alike.

A FaceId that no member is bound to is never certain: the same person may have another one in a
store that has not answered. docs/scale.md says how often the answer is another one all the same.
"""

import math
from collections.abc import Iterable
from itertools import chain

from contract.messages.face import Candidate
from contract.messages.message import Threshold
from contract.messages.shard_answers import SearchAnswer

_CLEARLY = 0.5
"""Score by which everybody else has to be less alike."""


class SearchCertainty:
    """What the answers so far say of a number of faces."""

    def __init__(self, faces: int) -> None:
        self._faces = [_Leader() for _ in range(faces)]

    @property
    def is_reached(self) -> bool:
        """Whether it is certain who every face is."""
        return all(face.is_certain for face in self._faces)

    def note(self, answers: Iterable[SearchAnswer]) -> None:
        """Take over what a store says of the faces, in their order."""
        said = chain.from_iterable(
            zip(answer.results, answer.certain_thresholds, strict=False) for answer in answers
        )
        for face, (candidates, needed) in zip(self._faces, said, strict=False):
            face.note(candidates, needed)


class _Leader:
    """Who is most alike to one face so far, and how much the next one is."""

    def __init__(self) -> None:
        self._best: Candidate | None = None
        self._next = -math.inf
        self._needed = -math.inf

    @property
    def is_certain(self) -> bool:
        best = self._best
        return (
            best is not None
            and best.passes
            and best.member is not None
            and self._needed <= best.score
            and self._next <= best.score - _CLEARLY
        )

    def note(self, candidates: Iterable[Candidate], needed: Threshold) -> None:
        """Take over a store's candidates, and the score that it needs for certainty."""
        if needed is not None:
            self._needed = max(self._needed, needed)
        for candidate in candidates:
            self._compare(candidate)

    def _compare(self, candidate: Candidate) -> None:
        best = self._best
        if best is None or candidate.score > best.score:
            self._best = candidate
            if best is not None and not _are_one_member(best, candidate):
                self._next = best.score
        elif not _are_one_member(best, candidate):
            self._next = max(self._next, candidate.score)


def _are_one_member(one: Candidate, other: Candidate) -> bool:
    return (
        one.member is not None
        and other.member is not None
        and one.member.member_id == other.member.member_id
    )
