"""How the usual face detectors are used, as their authors document it."""

from types import MappingProxyType
from typing import Any

from encoder.custom.detector_manifest import Kind

STRIDES = (8, 16, 32)
"""Pixels between the places of which a detector says whether a face is there."""

DETECTOR_PRESETS: MappingProxyType[Kind, dict[str, Any]] = MappingProxyType(
    {
        # OpenCV (modules/objdetect/src/face_detect.cpp; thresholds: FaceDetectorYN::create)
        "yunet": {"channels": "bgr", "mean": 0, "std": 1, "threshold": 0.9, "overlap": 0.3},
        # InsightFace (python-package/insightface/model_zoo/scrfd.py)
        "scrfd": {"channels": "rgb", "mean": 127.5, "std": 128, "threshold": 0.5, "overlap": 0.4},
    }
)
"""Fields of a manifest by the name of the preset."""

OUTPUT_WIDTHS: MappingProxyType[Kind, tuple[int, ...]] = MappingProxyType(
    {"yunet": (1, 1, 4, 10), "scrfd": (1, 4, 10)}
)
"""Numbers that each group of outputs has of a place: yunet class, object, box, points; scrfd score,
box, points. A group has an output for each stride."""
ANCHORS: MappingProxyType[Kind, int] = MappingProxyType({"yunet": 1, "scrfd": 2})
"""Faces that are looked for at each place."""
SCORES: MappingProxyType[Kind, tuple[int, ...]] = MappingProxyType({"yunet": (0, 1), "scrfd": (0,)})
"""Groups of outputs with numbers from 0 to 1."""
