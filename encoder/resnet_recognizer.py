"""dlib's ResNet as a recognizer: chips of 150 pixels by dlib's landmarks."""

from collections.abc import Callable, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from encoder.alignment import AlignedFace, Alignment
from encoder.descriptor import CHIP, Descriptor
from encoder.face import mean_direction
from encoder.recognizer import FaceCut, FaceDescription

_BACKWARDS = np.arange(CHIP)[::-1]


class ResnetRecognizer:
    """Vectors of chips and of their mirror images."""

    def __init__(
        self,
        descriptor: Descriptor,
        alignment: Alignment,
        load_alignment_68: Callable[[], Alignment],
    ) -> None:
        """Take what aligns by 5 landmarks, and what loads the 68 when a face is first enrolled."""
        self.model = descriptor.model
        self.dimension = descriptor.dimension
        self._descriptor = descriptor
        self._alignment = alignment
        self._load_alignment_68 = load_alignment_68

    def describe(
        self, cuts: Sequence[FaceCut], aligned: Sequence[AlignedFace]
    ) -> list[FaceDescription]:
        """Return the vectors of the faces of a picture: of chips and mirror images in one batch."""
        chips = np.stack([face.chip for face in aligned])
        both = self._descriptor.describe(np.concatenate([chips, chips.take(_BACKWARDS, axis=2)]))
        plain, mirrored = both[: len(chips)], both[len(chips) :]
        means = mean_direction(plain, mirrored)
        return [FaceDescription(*vectors) for vectors in zip(means, plain, strict=True)]

    def template(self, cut: FaceCut, described: FaceDescription) -> NDArray[np.float32]:
        """Return the mean direction of a face's plain vector and of three of other alignments.

        Where landmarks are a little off, so is the vector; others, and those of the mirror image,
        are off in another way.
        """
        mirrored = cut.mirrored
        aligned = [
            self._alignment.align(*mirrored),
            self._alignment_68.align(*cut),
            self._alignment_68.align(*mirrored),
        ]
        others = self._descriptor.describe(np.stack([face.chip for face in aligned]))
        return mean_direction(described.plain, *others)

    @cached_property
    def _alignment_68(self) -> Alignment:
        return self._load_alignment_68()
