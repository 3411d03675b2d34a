"""The scale of one model: what the scores of its vectors are made with, and how high they must be.

Scores of different models do not compare: each has cosines of its own. So a model has the scale
that was measured with it, or a safe one, or none that is worth much, and says which.

    scale = ScoreScale.of_model(encoder.model, folder)
    scores = pair_scores(cosine, scale.cohort.place(probes).rows, places)
    scores >= scale.parameters.threshold(faces=500, rate=0.01)
"""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Self

from contract.messages.scale import ScaleKind, ScaleStatus
from scoring.cohort import Cohort
from scoring.counting_rates import CountingTable, counting_table, read_counting_table
from scoring.parameters import ScoringParameters
from scoring.safe_scale import read_safe_scale
from scoring.scoring_data import (
    PARAMETERS_FILE,
    ScoringData,
    load_scoring_data,
    read_scoring_data,
)
from scoring.settings import ScoringSettings
from service.environment_settings import read_settings
from service.files.replaced_folder import read_whole


@dataclass(frozen=True, eq=False)
class ScoreScale:
    """What one model's vectors are scored with."""

    data: ScoringData
    model: str
    kind: ScaleKind
    made_from: str
    counting: CountingTable | None = None
    """How often people are counted wrongly with it; None where that was not measured."""

    @classmethod
    def of_model(cls, model: str, folder: Path | None = None) -> Self:
        """Return the scale for vectors of `model`, which is kept in `folder` if it has one.

        It is the first of these that was made for exactly this model: the files of
        FACEGATE_SCORING or those that come with facegate, those in the folder, the folder's safe
        scale. Raises ConfigurationError.
        """
        shipped = load_scoring_data()
        if shipped.parameters.model == model:
            return cls.measured(shipped)
        own = read_whole(folder, lambda place: cls._kept(model, place)) if folder else None
        return own or cls(_strict_data(), model, "none", _people(0))

    @classmethod
    def _kept(cls, model: str, place: Path) -> Self | None:
        """Return the scale for vectors of `model` at the place of its folder, if one is there."""
        if (place / PARAMETERS_FILE).exists():
            data = read_scoring_data(place)
            if data.parameters.model == model:
                return cls.measured(data, place)
        safe = read_safe_scale(place)
        if safe is not None and safe.model == model:
            return cls(safe.data, model, "safe", _people(safe.people))
        return None

    @classmethod
    def measured(cls, data: ScoringData, folder: Path | None = None) -> Self:
        """Return the scale of these files, for the model that they were made with.

        `folder` is where the model is kept. Raises ConfigurationError.
        """
        model, people = data.parameters.model, _people(len(data.parameters.people))
        return cls(data, model, "measured", people, _counting(model, folder))

    @property
    def is_shipped(self) -> bool:
        """Whether it came with facegate, and no other was set."""
        shipped = read_settings(ScoringSettings).scoring is None
        return shipped and self.kind == "measured" and self.data is load_scoring_data()

    @property
    def parameters(self) -> ScoringParameters:
        """The numbers of the scale."""
        return self.data.parameters

    @cached_property
    def cohort(self) -> Cohort:
        """The strangers that faces are compared with; empty but where the scale was measured."""
        return Cohort.from_data(self.data, self.model)

    @property
    def status(self) -> ScaleStatus:
        """What is said of it."""
        return ScaleStatus(
            kind=self.kind,
            made_from=self.made_from,
            estimates=self.counting is not None,
            detail=DETAILS[self.kind],
        )


def _counting(model: str, folder: Path | None) -> CountingTable | None:
    """Return the first table that was measured with exactly this model."""
    tables = (counting_table(), None if folder is None else read_counting_table(folder))
    return next((table for table in tables if table and table.model == model), None)


def _strict_data() -> ScoringData:
    """Return a scale that asks for cosines at which next to nobody is named: .94 among 500 faces.

    It is dlib's, whose cosines are higher than those of other networks, without its people.
    """
    data = load_scoring_data()
    nobody = data.parameters.model_copy(update={"people": frozenset[str]()})
    return ScoringData(nobody, data.faces[:0], data.digest)


def _people(count: int) -> str:
    return "1 person" if count == 1 else f"{count} people"


DETAILS: dict[ScaleKind, str] = {
    "measured": "scores and thresholds were measured with this model",
    "safe": (
        "plain cosines with thresholds on the strict side: fewer members are named than could be,"
        " until `facegate model fit` has made a scale for this model"
    ),
    "none": (
        "no scale was made for this model: next to nobody is named, until `facegate model fit`"
        " has made one, or FACEGATE_SCORING names one"
    ),
}
