"""The network that a benchmark starts services with, and the people whom it may be tested with."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

from facegate.evaluation.encoding import declared_model
from facegate.evaluation.subjects import HALF
from scoring.score_scale import ScoreScale
from scoring.scoring_data import read_scoring_data


@dataclass(frozen=True)
class TestedModel:
    """A face network and its scale, which was made from half of the people: others test it."""

    folder: Path | None
    """Of a model of one's own; None is dlib's network."""
    scale: ScoreScale

    @classmethod
    def of(cls, folder: Path | None) -> Self:
        """Return dlib's network, or the one in a folder. Raises ConfigurationError."""
        if folder is None:
            return cls(None, ScoreScale.measured(read_scoring_data(HALF)))
        return cls(folder, ScoreScale.of_model(declared_model(folder), folder))

    @property
    def settings(self) -> dict[str, str]:
        """The settings of services that use it."""
        if self.folder is None:
            return {"FACEGATE_SCORING": str(HALF)}
        path = self.folder.resolve()
        return {"FACEGATE_MODELS": str(path.parent), "FACEGATE_MODEL": path.name}

    def tests(self, person: str) -> bool:
        """Say whether it may be tested with a person: one whom its scale was not made from."""
        return not self.scale.parameters.made_from(person)
