"""Tries a network on faces: does it, used as declared, tell people apart?"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from contract.errors import BadRequest, ConfigurationError
from encoder.admission.likeness import Separation
from encoder.admission.neighbours import neighbours
from encoder.admission.trial_faces import TrialFace
from encoder.custom.manifest import ModelManifest
from encoder.custom.recognizer import CustomRecognizer

_CHIPS = 8
"""What one run is compared with: as many runs of a chip each."""
_ALL_ALIKE = 0.999
"""Cosine above which every two people are the same to a network."""


class TrialLimits(NamedTuple):
    """What a network has to reach. Measured (docs/models.md)."""

    decidability: float = 3.0
    """Between pairs of one person and pairs of two."""
    kept: float = 0.9
    """The share of mirrored and turned faces that are nearer to their own than to any other's."""
    batch: float = 0.999
    """Least cosine of a chip's vectors, computed alone and beside others."""
    better: float = 1.15
    """How many times the decidability of the declared way makes another way clearly better."""


USUAL = TrialLimits()


class Alternative(NamedTuple):
    """Another way to use the network, and how well it tells people apart."""

    what: str
    value: str
    decidability: float


@dataclass(frozen=True)
class Trial:
    """What came out. Without a fault the network may be taken."""

    pictures: int
    people: int
    separation: Separation
    kept: float
    """The share of mirrored and turned faces that are nearer to their own than to any other's."""
    batch: float
    """Least cosine of a chip's vectors, computed alone and beside others."""
    alternatives: Sequence[Alternative]
    limits: TrialLimits

    @cached_property
    def faults(self) -> list[str]:
        """Why it is not to be taken."""
        found, limits = self.separation, self.limits
        if found.others.min() > _ALL_ALIKE:
            return [f"every face looks like every other: cosines from {found.others.min():.4f} on"]
        faults = []
        if found.decidability < limits.decidability:
            faults.append(
                f"it does not tell people apart: pairs of one person have a cosine of"
                f" {found.same.mean():.2f}, pairs of two {found.others.mean():.2f}, which is"
                f" {found.decidability:.1f} deviations; at least {limits.decidability:g} are needed"
            )
        if self.kept < limits.kept:
            faults.append(
                f"{1 - self.kept:.0%} of the mirrored and slightly turned faces look more like"
                " somebody else than like themselves"
            )
        if self.batch < limits.batch:
            faults.append(
                "a face's vector depends on the faces beside it: --batch 1 runs it one by one"
            )
        return faults

    @cached_property
    def warnings(self) -> list[str]:
        """Ways to use it that do clearly better than the declared one."""
        least = self.separation.decidability * self.limits.better
        return [
            f"{other.what} {other.value} tells people apart better than what is declared"
            f" ({other.decidability:.1f} deviations, not {self.separation.decidability:.1f}):"
            " does the preset fit the file?"
            for other in self.alternatives
            if other.decidability > least
        ]


class FaceTrial:
    """Tries ways to use one network on the same faces."""

    def __init__(
        self,
        recognizer: Callable[[ModelManifest], CustomRecognizer],
        faces: Sequence[TrialFace],
        limits: TrialLimits = USUAL,
    ) -> None:
        """Use what `recognizer` makes of manifests. Raises BadRequest when the faces are too few.

        It takes two pictures of one person, and somebody else.
        """
        names, self._people = np.unique([face.person for face in faces], return_inverse=True)
        if len(names) < 2 or len(names) == len(faces):
            raise BadRequest(
                f"{len(faces)} pictures with a face, of {len(names)} people: the trial needs two"
                " pictures of one person, and one of somebody else"
            )
        self._recognizer = recognizer
        self._faces = faces
        self._names = names
        self._limits = limits

    def run(self, manifest: ModelManifest) -> Trial:
        """Return how the network does as declared, and how it would otherwise.

        Raises ConfigurationError when it gives what is no vector.
        """
        recognizer = self._recognizer(manifest)
        plain, others = self._views(recognizer)
        separation = self._separation(recognizer)
        return Trial(
            len(self._faces),
            len(self._names),
            separation,
            self._kept(plain, others),
            self._batch(recognizer),
            [
                Alternative(what, value, self._separation(self._recognizer(other)).decidability)
                for what, value, other in neighbours(manifest)
            ],
            self._limits,
        )

    def _separation(self, recognizer: CustomRecognizer) -> Separation:
        described = [
            recognizer.describe([face.plain.cut], [face.plain.aligned])[0].mean
            for face in self._faces
        ]
        return Separation.of(np.stack(described), self._people)

    def _views(
        self, recognizer: CustomRecognizer
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return the unit vectors of the faces as they are (n, d), and seen otherwise (n, 3, d).

        Mirror images are not in them: with them a face and its mirror image would be one.
        """
        seen = np.stack(
            [
                _unit(
                    recognizer.vectors(
                        np.stack([recognizer.chip(*view) for view in (face.plain, *face.others)])
                    )
                )
                for face in self._faces
            ]
        )
        return seen[:, 0], seen[:, 1:]

    def _kept(self, plain: NDArray[np.float32], others: NDArray[np.float32]) -> float:
        is_other = self._people[:, None] != self._people
        nearest = np.where(is_other, plain @ plain.T, -np.inf).max(axis=1)
        own = np.vecdot(others, plain[:, None])
        return float((own > nearest[:, None]).mean())

    def _batch(self, recognizer: CustomRecognizer) -> float:
        chips = np.stack([recognizer.chip(*face.plain) for face in self._faces[:_CHIPS]])
        chips = chips[np.arange(_CHIPS) % len(chips)]
        alone = np.concatenate([recognizer.vectors(chip[None]) for chip in chips])
        return float(np.vecdot(_unit(recognizer.vectors(chips)), _unit(alone)).min())


def _unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return vectors (n, d) at unit length. Raises ConfigurationError when they are none."""
    if not np.isfinite(vectors).all():
        raise ConfigurationError("the network gives numbers that are not finite")
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    if not lengths.all():
        raise ConfigurationError("the network gives vectors of length 0")
    unit: NDArray[np.float32] = vectors / lengths
    return unit
