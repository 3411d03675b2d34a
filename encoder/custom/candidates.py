"""From a detector's outputs to boxes and points: what YuNet and SCRFD compute of a place.

An output has numbers for each place of a grid, row by row, with a face or two at each; a grid has
a stride of 8, 16 or 32 pixels. All distances are in strides.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from encoder.custom.detector_manifest import Kind
from encoder.custom.detector_presets import ANCHORS, OUTPUT_WIDTHS, STRIDES

Floats = NDArray[np.float32]


class Candidates(NamedTuple):
    """What may be faces, in pixels of the detector's input."""

    scores: Floats
    """From 0 to 1, shape (n,)."""
    boxes: Floats
    """Left, top, right, bottom, shape (n, 4)."""
    points: Floats
    """Eyes, nose tip, mouth corners, from the left of the picture; shape (n, 5, 2)."""


def candidates(kind: Kind, outputs: Sequence[Floats], side: int, least: float) -> Candidates:
    """Return what scores `least` or more. `outputs` are in the order of the manifest.

    Raises ValueError when they are not of a picture of side × side pixels.
    """
    parts = [
        _of_kind[kind](group, _places(side, stride, ANCHORS[kind]), stride, least)
        for stride, group in zip(STRIDES, _by_stride(kind, outputs), strict=True)
    ]
    return Candidates(*(np.concatenate(each) for each in zip(*parts, strict=True)))


def _by_stride(kind: Kind, outputs: Sequence[Floats]) -> Iterator[list[Floats]]:
    """Yield a stride's outputs, each (places, numbers); a batch dimension of 1 is left out."""
    widths = OUTPUT_WIDTHS[kind]
    for first in range(len(STRIDES)):
        group = outputs[first :: len(STRIDES)]
        yield [each.reshape(-1, width) for each, width in zip(group, widths, strict=True)]


def _places(side: int, stride: int, faces: int) -> Floats:
    """Return column and row of each place, as often as faces are looked for there: (n, 2)."""
    cells = np.arange(side // stride, dtype=np.float32)
    columns, rows = np.meshgrid(cells, cells)
    return np.repeat(np.stack([columns.ravel(), rows.ravel()], axis=1), faces, axis=0)


def _yunet(group: Sequence[Floats], places: Floats, stride: int, least: float) -> Candidates:
    """OpenCV, modules/objdetect/src/face_detect.cpp: postProcess."""
    kinds, objects, boxes, points = group
    scores = np.sqrt(np.clip(kinds, 0, 1) * np.clip(objects, 0, 1))[:, 0]
    (sure,) = np.nonzero(scores >= least)
    at, box = places[sure], boxes[sure]
    middle, half = at + box[:, :2], np.exp(box[:, 2:]) / 2
    corners = np.concatenate([middle - half, middle + half], axis=1)
    return Candidates(
        scores[sure], corners * stride, (points[sure].reshape(-1, 5, 2) + at[:, None]) * stride
    )


def _scrfd(group: Sequence[Floats], places: Floats, stride: int, least: float) -> Candidates:
    """InsightFace, python-package/insightface/model_zoo/scrfd.py: distance2bbox, distance2kps."""
    scores, boxes, points = group
    (sure,) = np.nonzero(scores[:, 0] >= least)
    at, box = places[sure], boxes[sure]
    corners = np.concatenate([at - box[:, :2], at + box[:, 2:]], axis=1)
    return Candidates(
        scores[sure, 0], corners * stride, (points[sure].reshape(-1, 5, 2) + at[:, None]) * stride
    )


_of_kind: Mapping[Kind, Callable[[Sequence[Floats], Floats, int, float], Candidates]] = (
    MappingProxyType({"yunet": _yunet, "scrfd": _scrfd})
)
