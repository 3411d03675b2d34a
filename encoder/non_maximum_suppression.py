"""Non-maximum suppression: of the boxes that are of one face, the surest one."""

from collections.abc import Iterable

from encoder.detector import DetectedFace
from encoder.files.network import Overlap


def non_maximum_suppression(found: Iterable[DetectedFace], limits: Overlap) -> list[DetectedFace]:
    """Return the surest box of each face, by falling confidence.

    As dlib does it, which takes the box around two boxes for their union.
    """
    kept: list[DetectedFace] = []
    for box in sorted(found, key=lambda box: -box.confidence):
        if not any(_of_one_face(box, other, limits) for other in kept):
            kept.append(box)
    return kept


def _of_one_face(one: DetectedFace, other: DetectedFace, limits: Overlap) -> bool:
    shared = _area(
        max(one.left, other.left),
        max(one.top, other.top),
        min(one.right, other.right),
        min(one.bottom, other.bottom),
    )
    joint = _area(
        min(one.left, other.left),
        min(one.top, other.top),
        max(one.right, other.right),
        max(one.bottom, other.bottom),
    )
    smaller = min(_area(*one[:4]), _area(*other[:4]))
    if shared == 0:
        return False
    return shared / joint > limits.intersection_over_union or shared / smaller > limits.covered


def _area(left: int, top: int, right: int, bottom: int) -> int:
    """Return the pixels inside corners that are inclusive; 0 where there are none."""
    return max(right - left + 1, 0) * max(bottom - top + 1, 0)
