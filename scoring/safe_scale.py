"""A safe scale for a model that nobody has fitted: plain cosines, thresholds on the strict side.

All that is asked of the model is how near strangers come to each other, which a few faces tell:
their likeness (atanh of the cosine) is taken as normal. With few faces the mean and the deviation
of the usual networks, which are trained with a margin between angles (ArcFace, CosFace, AdaFace,
SFace), count as well, by the normal-inverse-gamma posterior (Murphy, "Conjugate Bayesian analysis
of the Gaussian distribution", 2007).
"""

import hashlib
from pathlib import Path
from statistics import NormalDist
from typing import Annotated, NamedTuple, Self

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from contract.errors import ConfigurationError
from contract.text.first_fault import first_fault
from scoring.cohort import Floats, likeness_of
from scoring.limits import AS_WITH_DLIBS, limits_of
from scoring.parameters import ScoringParameters, ThresholdCurve
from scoring.scoring_data import ScoringData

SAFE_FILE = "safe.json"

_USUAL_DEVIATION = 0.15
"""Of the likeness of strangers, whose mean is about 0: MobileFaceNet's, with 192 numbers, is .147
on LFW. Networks with 512 numbers have smaller ones."""
_USUAL_WEIGHT = 3
"""Pairs of people that the usual values count for."""
_WIDENED = 1.2
"""By which the deviation is multiplied. Look-alikes are more frequent than a normal distribution
has them: the scores that 1% of strangers reach with 10 to 2,000 people of LFW lie where those of a
deviation 1.03 to 1.08 times as large would, by MobileFaceNet; the rest is to be on the safe side.
"""
_ENOUGH = 30
"""Of fewer people nothing tells that strangers are less alike than usual: so many have 435 pairs.
"""
_NEAREST = 1 / 15
"""Of all strangers, those who place a face: as in a cohort."""
_KNOTS = (3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 12.0, 14.0, 17.0, 20.0)
_FUSED_EXTRA = (0.0, 0.6, 0.9, 1.1)


class SafeScale(BaseModel):
    """What `safe.json` holds: how near strangers come to each other by one model's vectors."""

    model_config = ConfigDict(frozen=True)

    model: str
    mean: float
    """Of the likeness of two strangers."""
    deviation: Annotated[float, Field(gt=0)]
    people: int
    """Of how many people faces were there."""

    @classmethod
    def of(cls, model: str, cosines: Floats, people: int) -> Self:
        """Return the scale told by the cosines, (n,), of pairs of strangers among so many people.

        Several pictures of two people count as the one pair that they are.
        """
        likeness = likeness_of(cosines)
        pairs = people * (people - 1) // 2 if len(likeness) else 0
        mean, spread = (float(likeness.mean()), float(likeness.var())) if pairs else (0.0, 0.0)
        known = pairs + _USUAL_WEIGHT
        about_zero = pairs * _USUAL_WEIGHT / known * mean**2
        variance = (_USUAL_WEIGHT * _USUAL_DEVIATION**2 + pairs * spread + about_zero) / known
        if people < _ENOUGH:
            variance = max(variance, _USUAL_DEVIATION**2)
        return cls(
            model=model,
            mean=round(pairs * mean / known, 4),
            deviation=round(variance**0.5, 4),
            people=people,
        )

    def save(self, folder: Path) -> None:
        """Write `safe.json` into a model's folder. Raises OSError."""
        (folder / SAFE_FILE).write_text(self.model_dump_json(indent=1) + "\n", encoding="utf-8")

    @property
    def data(self) -> ScoringData:
        """The same in the form of a scale that was measured, with a cohort of nobody."""
        parameters = self._parameters()
        digest = hashlib.sha256(parameters.model_dump_json().encode()).hexdigest()[:12]
        return ScoringData(parameters, np.zeros((0, 0), np.float32), digest)

    def _parameters(self) -> ScoringParameters:
        """Return the numbers by which all faces have one place, that of the nearest strangers.

        So the scores are about those of a cohort, and what is asked of them elsewhere holds.
        """
        place = _place_of_nearest()
        curve = ThresholdCurve(
            log_comparisons=_KNOTS, score=tuple(_score(place, knot) for knot in _KNOTS)
        )
        mean = round(self.mean + place.mean * self.deviation, 4)
        return ScoringParameters(
            model=self.model,
            best=1,
            typical=(mean, round(place.deviation * self.deviation, 4)),
            typical_share=1.0,
            curve=curve,
            fused_extra=_FUSED_EXTRA,
            people=frozenset(),
            **limits_of(curve, mean, AS_WITH_DLIBS),
        )


def read_safe_scale(folder: Path) -> SafeScale | None:
    """Return the safe scale in a model's folder, if there is one. Raises ConfigurationError."""
    path = folder / SAFE_FILE
    try:
        return SafeScale.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}") from error
    except ValidationError as error:
        raise ConfigurationError(f"{path}: {first_fault(error)}") from error


class _Normal(NamedTuple):
    """Mean and deviation, in deviations of the likeness of all strangers."""

    mean: float
    deviation: float


def _place_of_nearest() -> _Normal:
    """Return mean and deviation of the upper end of a normal distribution."""
    standard = NormalDist()
    limit = standard.inv_cdf(1 - _NEAREST)
    mean = standard.pdf(limit) / _NEAREST
    return _Normal(mean, (1 + limit * mean - mean**2) ** 0.5)


def _score(place: _Normal, log_comparisons: float) -> float:
    """Return the score that one in so many strangers reaches, by a widened distribution."""
    likeness = -_WIDENED * NormalDist().inv_cdf(float(np.exp(-log_comparisons)))
    return round(2 * (likeness - place.mean) / place.deviation, 3)
