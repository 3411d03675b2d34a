"""Other ways to use a network, each of which differs from the declared one in one thing."""

from collections.abc import Iterator
from typing import Generic, NamedTuple, TypeVar

from encoder.custom.detector_manifest import DetectorManifest
from encoder.custom.manifest import ModelManifest

M = TypeVar("M", ModelManifest, DetectorManifest)

_SCALES = {"0 to 255": (0.0, 1.0), "0 to 1": (0.0, 255.0), "−1 to 1": (127.5, 127.5)}
"""Mean and divisor by the range of the numbers that they make."""
_NEAR = 0.1
"""As a part of a range: 127.5 / 128 is no other scale than 127.5 / 127.5."""
_MARGIN = 0.1
"""Of a box, where none is declared: that of the preset facenet."""


class Neighbour(NamedTuple, Generic[M]):
    """What is different, its value, and the whole manifest."""

    what: str
    value: str
    manifest: M


def neighbours(manifest: ModelManifest) -> Iterator[Neighbour[ModelManifest]]:
    """Yield the other order of the colours, the other usual scales, the other alignments."""
    yield _other_order(manifest)
    if not manifest.whitened:
        yield from _scales(manifest)
    for alignment in ("arcface", "dlib", "box"):
        if alignment != manifest.alignment:
            changed = {"alignment": alignment, "margin": _MARGIN if alignment == "box" else 0.0}
            yield Neighbour("--alignment", alignment, manifest.model_copy(update=changed))


def input_neighbours(manifest: DetectorManifest) -> Iterator[Neighbour[DetectorManifest]]:
    """Yield the other order of the colours, and the other usual scales."""
    yield _other_order(manifest)
    yield from _scales(manifest)


def _other_order(manifest: M) -> Neighbour[M]:
    channels = "bgr" if manifest.channels == "rgb" else "rgb"
    return Neighbour("--channels", channels, manifest.model_copy(update={"channels": channels}))


def _scales(manifest: M) -> Iterator[Neighbour[M]]:
    declared = _range(manifest.mean[0], manifest.std[0])
    for name, (mean, std) in _SCALES.items():
        low, high = _range(mean, std)
        if max(abs(low - declared[0]), abs(high - declared[1])) > _NEAR * (high - low):
            changed = {"mean": (mean,) * 3, "std": (std,) * 3}
            yield Neighbour("a scale of", name, manifest.model_copy(update=changed))


def _range(mean: float, std: float) -> tuple[float, float]:
    return -mean / std, (255 - mean) / std
