"""A network of the user's own as a recognizer: its chips, its numbers, its vectors."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from contract.errors import ConfigurationError
from encoder.alignment import AlignedFace
from encoder.custom.face_chip import chip_by_box, chip_by_points
from encoder.custom.face_points import FacePoints
from encoder.custom.manifest import ModelManifest
from encoder.face import mean_direction
from encoder.recognizer import FaceCut, FaceDescription

_AT_ONCE = 2
"""Chips in one run: a face and its mirror image. MobileFaceNet takes 8.4 ms a chip on one core, 8.6
with 4 and 11 with 16, which no longer fit the caches; and 7 MB for each."""


class Graph(Protocol):
    """A loaded graph."""

    def run(self, pictures: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the vectors (n, d) of what the network takes, float32 (n, …)."""


class CustomRecognizer:
    """Uses a network as its manifest says."""

    def __init__(self, manifest: ModelManifest, graph: Graph, points: FacePoints) -> None:
        self.model = manifest.model
        self.dimension = manifest.dimension
        self._manifest = manifest
        self._graph = graph
        self._points = points
        self._mean = np.array(manifest.mean, np.float32)
        self._by_std = np.reciprocal(np.array(manifest.std, np.float32))

    def check(self) -> None:
        """Run the network once, on a black chip.

        Raises ConfigurationError when it gives other vectors than its manifest declares.
        """
        side, dimension = self._manifest.size, self.dimension
        vectors = self.vectors(np.zeros((1, side, side, 3), np.uint8))
        if vectors.shape != (1, dimension):
            given = " × ".join(map(str, vectors.shape))
            raise ConfigurationError(
                f"the network gives {given} numbers for a picture of {side} × {side}, its manifest"
                f" declares {dimension}: add it again"
            )

    def describe(
        self, cuts: Sequence[FaceCut], aligned: Sequence[AlignedFace]
    ) -> list[FaceDescription]:
        """Return the vectors of the faces of a picture: of chips and mirror images in one batch."""
        chips = [self.chip(*both) for both in zip(cuts, aligned, strict=True)]
        plain = self.vectors(np.stack(chips + self._mirrored(chips)))
        means = mean_direction(*plain.reshape(-1, len(chips), self.dimension))
        return [FaceDescription(*both) for both in zip(means, plain, strict=False)]

    def template(self, cut: FaceCut, described: FaceDescription) -> NDArray[np.float32]:
        """Return the mean direction of a face's vectors and those of its mirror image.

        Landmarks are looked for anew in the mirror image: where they are a little off, they are off
        in another way there. A chip of dlib's comes from the same landmarks, so it is used once.
        """
        if self._manifest.alignment == "dlib":
            return described.mean
        chips = [self._chip(cut.mirrored)]
        others = self.vectors(np.stack(chips + self._mirrored(chips)))
        return mean_direction(described.mean, mean_direction(*others))

    def chip(self, cut: FaceCut, aligned: AlignedFace) -> NDArray[np.uint8]:
        """Return what the network sees of a face: uint8 RGB (size, size, 3)."""
        size = self._manifest.size
        if self._manifest.alignment != "dlib":
            return self._chip(cut)
        if len(aligned.chip) == size:
            return aligned.chip
        return np.asarray(Image.fromarray(aligned.chip).resize((size, size)))

    def _chip(self, cut: FaceCut) -> NDArray[np.uint8]:
        manifest = self._manifest
        if manifest.alignment == "box":
            return chip_by_box(cut.pixels, cut.box, manifest.margin, manifest.size)
        return chip_by_points(cut.pixels, self._points.find(cut), manifest.size)

    def _mirrored(self, chips: list[NDArray[np.uint8]]) -> list[NDArray[np.uint8]]:
        return [chip[:, ::-1] for chip in chips] if self._manifest.mirror else []

    def vectors(self, chips: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return the network's vectors, float32 (n, d), of chips, uint8 RGB (n, size, size, 3).

        Raises ConfigurationError when they are not as many as the chips: whose is whose is unknown.
        """
        at_once = self._manifest.batch or _AT_ONCE
        parts = [
            self._graph.run(self._input(chips[first : first + at_once]))
            for first in range(0, len(chips), at_once)
        ]
        vectors = np.concatenate(parts)
        if len(vectors) != len(chips):
            raise ConfigurationError(
                f"the network gives {len(vectors)} vectors for {len(chips)} pictures"
            )
        return vectors

    def _input(self, chips: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return the chips in the order, on the scale and in the layout that the network takes."""
        ordered = chips[..., ::-1] if self._manifest.channels == "bgr" else chips
        numbers = ordered.astype(np.float32)
        if self._manifest.whitened:
            scaled = _whitened(numbers)
        else:
            scaled = (numbers - self._mean) * self._by_std
        if self._manifest.layout == "nchw":
            scaled = scaled.transpose(0, 3, 1, 2)
        return np.ascontiguousarray(scaled, np.float32)


def _whitened(chips: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return each chip with mean 0 and deviation 1 (facenet.py: prewhiten)."""
    axes = (1, 2, 3)
    least = np.float32(chips[0].size ** -0.5)
    deviation = np.maximum(chips.std(axis=axes, keepdims=True), least)
    white: NDArray[np.float32] = (chips - chips.mean(axis=axes, keepdims=True)) / deviation
    return white
