"""What came of visits: the scores from which every rate follows."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

import numpy as np

from facegate.evaluation.photographs import Rows
from facegate.evaluation.rules import Rule
from facegate.evaluation.visits import Draw
from scoring.cohort import Floats


@dataclass(frozen=True, eq=False)
class Outcome:
    """Scores of visits to galleries of one size; every person weighs alike, however often seen."""

    right: Floats
    """Shape (m,): of each member's visit, with the own template; −inf when another one is best."""
    member: Rows
    """Shape (m,): who it was."""
    best: Floats
    """Shape (s,): of each stranger's visit, with the best template."""
    stranger: Rows
    """Shape (s,): who it was."""

    @classmethod
    def of(cls, draw: Draw, rule: Rule, person: Rows) -> Self:
        """Let the visits come; `person` says whose photograph each is."""
        seen = rule.scores(draw.members.frames, draw.gallery)
        own = seen[draw.members.person[:, None] == person[draw.gallery]]
        right = np.where(own >= seen.max(axis=1, initial=-np.inf), own, -np.inf)
        strangers = rule.scores(draw.strangers.frames, draw.gallery)
        return cls(
            right=right.astype(np.float32),
            member=draw.members.person,
            best=strangers.max(axis=1, initial=-np.inf),
            stranger=draw.strangers.person,
        )

    @classmethod
    def together(cls, outcomes: Iterable[Self]) -> Self:
        """Return the visits of several draws as one."""
        parts = [(one.right, one.member, one.best, one.stranger) for one in outcomes]
        right, member, best, stranger = map(np.concatenate, zip(*parts, strict=True))
        return cls(right, member, best, stranger)
